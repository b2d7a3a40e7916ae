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
  for (const box of root.querySelectorAll(".prose pre, .prose table")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
};

export const smoothLists = (root) => {
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
