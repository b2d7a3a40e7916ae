// The menu of blocks on the desk: what is ticked becomes {{timeline: 12, 15}} at the cursor. Escape closes the menu.
const text = document.querySelector("[data-desk-text]");
const menu = document.querySelector("[data-insert-details]");

const close = () => {
  menu.open = false;
};

const insertChosen = (name) => {
  const boxes = [...menu.querySelectorAll(`[data-insert-choices="${name}"] input`)].filter((box) => box.checked);
  if (boxes.length === 0) return;
  const numbers = boxes.map((box) => box.value).join(", ");
  for (const box of boxes) box.checked = false;
  close();
  text.dispatchEvent(new CustomEvent("desk:insert", { detail: { text: `{{${name}: ${numbers}}}`, isBlock: true } }));
};

if (text && menu) {
  menu.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-insert-chosen]");
    if (button) insertChosen(button.dataset.insertChosen);
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    close();
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target)) close();
  });
}
