// One submit per form, and a question before what cannot be taken back.

const BUSY = "aria-disabled";

const submitButtons = (form) => [...form.elements].filter((element) => element.type === "submit");

// aria-disabled instead of disabled: the focus stays where it was and the button's own name and value are still sent.
const setBusy = (form, busy) => {
  form.toggleAttribute("data-sent", busy);
  for (const button of submitButtons(form)) {
    if (busy) button.setAttribute(BUSY, "true");
    else button.removeAttribute(BUSY);
  }
};

const onSubmit = (event) => {
  const form = event.target;
  if (form.hasAttribute("data-sent")) {
    event.preventDefault();
    return;
  }
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  if (form.method === "post" && !event.defaultPrevented) setBusy(form, true);
};

export const guardForms = (root) => {
  root.addEventListener("submit", onSubmit);
  // Coming back with the browser's button shows the page as it was left: sending must be possible again.
  window.addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll("form[data-sent]")) setBusy(form, false);
  });
};
