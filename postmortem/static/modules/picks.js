// A box above a long pick list that hides what does not match; ticked ones always stay in sight.

const LONG = 8;

const fold = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();

const addFilter = (list) => {
  const choices = [...list.querySelectorAll(".choice")];
  if (choices.length < LONG) return;
  const words = new Map(choices.map((choice) => [choice, fold(choice.textContent)]));
  const box = document.createElement("div");
  const input = document.createElement("input");
  const count = document.createElement("span");
  const name = list.closest("fieldset")?.querySelector("legend")?.textContent.trim() ?? "list";
  box.className = "picks__box";
  input.type = "text";
  input.autocomplete = "off";
  input.placeholder = "Type to find";
  input.setAttribute("aria-label", `Find in ${name}`);
  count.className = "picks__count";
  count.setAttribute("role", "status");

  const show = () => {
    const wanted = fold(input.value.trim());
    let shown = 0;
    for (const choice of choices) {
      const visible = choice.querySelector("input").checked || words.get(choice).includes(wanted);
      choice.hidden = !visible;
      shown += visible ? 1 : 0;
    }
    const ticked = choices.filter((choice) => choice.querySelector("input").checked).length;
    count.textContent = wanted ? `${shown} of ${choices.length} shown, ${ticked} ticked` : `${ticked} ticked`;
  };

  input.addEventListener("input", show);
  // Enter would send the whole form; here it ticks the only one left, if there is only one.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const open = choices.filter((choice) => !choice.hidden && !choice.querySelector("input").checked);
    if (input.value.trim() && open.length === 1) {
      open[0].querySelector("input").checked = true;
      input.value = "";
      show();
    }
  });
  list.addEventListener("change", show);
  box.append(input, count);
  list.before(box);
  show();
};

export const addPickFilters = (root) => {
  for (const list of root.querySelectorAll("[data-picks]")) addFilter(list);
};
