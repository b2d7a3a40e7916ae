// Every page works without script; this makes some things quicker. No imports: each file is cached under its own hash.

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

const guardForms = (root) => {
  root.addEventListener("submit", onSubmit);
  // Coming back with the browser's button shows the page as it was left: sending must be possible again.
  window.addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll("form[data-sent]")) setBusy(form, false);
  });
};

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

const focusProblems = (root) => {
  root.querySelector("[data-focus]")?.focus();
  root.addEventListener("click", goTo);
};

// Lists: choosing a filter shows the result at once, "/" goes to the search box, wide texts can be scrolled by key.

const isTyping = (element) => element?.matches("input, textarea, select, [contenteditable]") ?? false;

const clean = (form) => {
  // Empty fields would only make the address long.
  for (const input of form.elements) if (input.name && input.value === "") input.disabled = true;
};

const onSlash = (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(document.activeElement)) return;
  const box = document.querySelector("[data-filter-box]");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
};

const makeScrollable = (root) => {
  for (const box of root.querySelectorAll(".prose pre")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
};

const smoothLists = (root) => {
  for (const form of root.querySelectorAll("form[data-autosubmit]")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select")) form.requestSubmit();
    });
    form.addEventListener("submit", () => clean(form));
  }
  window.addEventListener("pageshow", () => {
    for (const input of root.querySelectorAll("form[data-autosubmit] :disabled")) input.disabled = false;
  });
  root.addEventListener("keydown", onSlash);
  makeScrollable(root);
};

// Menus made of <details> close like menus: with Escape, and when something else is clicked.

const closeMenus = (root) => {
  root.addEventListener("click", (event) => {
    for (const menu of root.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  root.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
};

guardForms(document);
focusProblems(document);
smoothLists(document);
closeMenus(document);
