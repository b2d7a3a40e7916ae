// One box that ticks or clears all rows of the page. Without script each row has its own.

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

for (const form of document.querySelectorAll("form[data-ticks]")) offerAll(form);
