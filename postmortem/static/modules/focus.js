// A form that came back with mistakes, or with a conflict, starts at the message that says so.

const openAround = (element) => {
  for (let box = element?.closest("details"); box; box = box.parentElement?.closest("details")) box.open = true;
};

const goTo = (event) => {
  const link = event.target.closest('.error-summary a[href^="#"], .conflict a[href^="#"]');
  const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  event.preventDefault();
  openAround(target);
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
};

export const focusProblems = (root) => {
  root.querySelector("[data-focus]")?.focus();
  root.addEventListener("click", goTo);
};
