// One box that ticks or clears all rows of the page, and how many are ticked. Without script each row has its own box.

const boxesOf = (form) => [...form.querySelectorAll('input[name="row"]')];

const showState = (all, boxes) => {
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
};

const offerAll = (form) => {
  const heading = form.querySelector("thead th.tick");
  const boxes = boxesOf(form);
  if (!heading || !boxes.length) return;
  const label = document.createElement("label");
  const all = document.createElement("input");
  const words = document.createElement("span");
  label.className = "tick__box";
  all.type = "checkbox";
  words.className = "visually-hidden";
  words.textContent = "Tick all on this page";
  label.append(all, words);
  heading.replaceChildren(label);
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  form.addEventListener("change", () => showState(all, boxes));
  showState(all, boxes);
};

// The words stand where the change is made; what is said aloud is the count alone, a moment after the last tick.
const countChosen = (form) => {
  const words = form.querySelector("[data-chosen]");
  const aloud = form.querySelector("[data-count]");
  if (!words) return;
  const untouched = words.textContent;
  let waiting = 0;
  const say = () => {
    const chosen = boxesOf(form).filter((box) => box.checked).length;
    words.textContent = chosen ? `${chosen} chosen: change ${chosen === 1 ? "it" : "them"}` : untouched;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      aloud.textContent = `${chosen} chosen`;
    }, 500);
  };
  form.addEventListener("change", (event) => {
    if (event.target.type === "checkbox") say();
  });
  // The browser may bring ticks back with the page.
  window.addEventListener("pageshow", () => {
    if (boxesOf(form).some((box) => box.checked)) say();
  });
};

for (const form of document.querySelectorAll("form[data-ticks]")) {
  offerAll(form);
  countChosen(form);
}
