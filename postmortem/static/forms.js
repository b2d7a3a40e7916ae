// "Now" and "Choose" beside a moment: this minute in the zone that the form names, or the browser's calendar.

const formatter = (zone) =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone: zone || undefined,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });

const timeIn = (zone) => {
  let format;
  try {
    format = formatter(zone);
  } catch {
    format = formatter("UTC"); // A zone that this browser does not know.
  }
  const part = Object.fromEntries(format.formatToParts(new Date()).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
};

const fill = (input, value) => {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
};

const momentButton = (word, what, onClick) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-button";
  button.textContent = word;
  button.setAttribute("aria-label", `${word}, for ${what}`);
  button.addEventListener("click", onClick);
  return button;
};

// The field takes text, because a day alone is an answer too; the browser's own calendar fills it in.
const addCalendar = (input, tools, what) => {
  const calendar = document.createElement("input");
  if (!calendar.showPicker) return;
  calendar.type = "datetime-local";
  calendar.className = "moment__calendar";
  calendar.tabIndex = -1;
  calendar.setAttribute("aria-hidden", "true");
  calendar.addEventListener("change", () => {
    if (calendar.value) fill(input, calendar.value.slice(0, 16));
  });
  tools.append(
    calendar,
    momentButton("Choose", what, () => {
      calendar.value = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(input.value) ? input.value.slice(0, 16) : "";
      calendar.showPicker();
    }),
  );
};

const addMomentTools = (root) => {
  for (const box of root.querySelectorAll("[data-moment]")) {
    const input = box.querySelector("input");
    const label = input.labels?.[0]?.textContent.trim() ?? "";
    const group = box.closest(".moment")?.querySelector("legend")?.textContent.trim() ?? label;
    const tools = document.createElement("span");
    tools.className = "moment__now";
    if (input.type === "text") addCalendar(input, tools, group);
    tools.append(momentButton("Now", group, () => fill(input, timeIn(input.form?.elements.timezone?.value))));
    box.append(tools);
  }
};

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
  // What is ticked already stands first, where it can be seen.
  list.prepend(...choices.filter((choice) => choice.querySelector("input").checked));
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

const addPickFilters = (root) => {
  for (const list of root.querySelectorAll("[data-picks]")) addFilter(list);
};

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

const addRowButtons = (root) => {
  for (const box of root.querySelectorAll("[data-rows]")) addButton(box);
};

// Two texts as one: paragraphs that both have stand once, in their order; where they differ, the first text's come first.
const together = (first, second) => {
  const [a, b] = [first, second].map((text) => text.trim().split(/(?:\r?\n){2,}/).filter(Boolean));
  if (a.length * b.length > 4e6) return [...a, ...b].join("\n\n");
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const all = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      all.push(a[i]);
      i += 1;
      j += 1;
    } else if (j === b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) {
      all.push(a[i]);
      i += 1;
    } else {
      all.push(b[j]);
      j += 1;
    }
  }
  return all.join("\n\n");
};

// On a conflict: either text into the form with one click, so that a long one is never copied by hand.

const addChoice = (box) => {
  const link = box.querySelector("h3 a");
  const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field?.matches("textarea, input[type=text], input[type=url], input:not([type])")) return;
  const mine = field.value;
  const theirs = box.querySelector(".conflict__text--theirs .conflict__value");
  const told = document.createElement("p");
  told.className = "conflict__told";
  told.setAttribute("role", "status");
  const choice = (words, textOf, sentence) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--quiet button--compact";
    button.textContent = words;
    button.setAttribute("aria-label", `${words}: ${link.textContent.trim()}`);
    button.addEventListener("click", () => {
      fill(field, textOf());
      told.textContent = sentence;
    });
    return button;
  };
  const stored = () => (theirs.hasAttribute("data-blank") ? "" : theirs.textContent);
  const both = () => (field.matches("textarea") ? together(mine, stored()) : [mine, stored()].filter(Boolean).join(" "));
  const row = document.createElement("div");
  row.className = "conflict__choices";
  row.append(
    choice("Use what is saved", stored, "The saved text is in the form now."),
    choice("Keep mine", () => mine, "Your text is in the form."),
    choice("Take both", both, "Both texts are in the form, yours first."),
  );
  box.append(row, told);
};

for (const box of document.querySelectorAll(".conflict__field")) addChoice(box);

addMomentTools(document);
addPickFilters(document);
addRowButtons(document);
