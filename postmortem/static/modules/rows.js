// "Add another row" under a list of rows: a blank copy of the last one with the next number in its names.

const renumber = (text, base, from, to) => text.replaceAll(`${base}-${from}`, `${base}-${to}`);

const blankCopy = (row, base, number) => {
  const copy = row.cloneNode(true);
  for (const element of copy.querySelectorAll("*")) {
    for (const name of ["id", "name", "for", "aria-describedby"]) {
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, renumber(value, base, number, number + 1));
    }
  }
  for (const note of copy.querySelectorAll(".field__error")) note.remove();
  for (const field of copy.querySelectorAll(".has-error")) field.classList.remove("has-error");
  for (const input of copy.querySelectorAll("input, select, textarea")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    if (input.type === "checkbox" || input.type === "radio") input.checked = false;
    else if (input.tagName === "SELECT") input.selectedIndex = 0;
    else input.value = "";
  }
  return copy;
};

const addButton = (box) => {
  const rows = () => box.querySelectorAll("[data-row]");
  if (rows().length === 0) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--quiet button--compact rows__add";
  button.textContent = box.dataset.rows;
  let number = rows().length - 1;
  button.addEventListener("click", () => {
    const last = [...rows()].at(-1);
    const copy = blankCopy(last, box.id, number);
    number += 1;
    last.after(copy);
    copy.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });
  box.append(button);
};

export const addRowButtons = (root) => {
  for (const box of root.querySelectorAll("[data-rows]")) addButton(box);
};
