// Buttons, keys, lists and suggestions of the desk. Everything goes in through the browser's own editing, so that undo works.
//
// Other parts put text at the cursor with an event on the textarea:
//   text.dispatchEvent(new CustomEvent("desk:insert", { detail: { text, isBlock, select } }))
// `isBlock` gives it a paragraph of its own; `select` is a part of it that is selected afterwards.
// A button with data-insert="…" inside [data-insert-menu] does the same, as a paragraph of its own with data-block.

const text = document.querySelector("[data-desk-text]");

const said = document.querySelector("[data-desk-said]");
const say = (sentence) => {
  said.textContent = sentence;
};

// Replaces a range, with what is selected afterwards, as one step of undo.
const put = (start, end, words, from = start + words.length, to = from) => {
  text.focus({ preventScroll: true });
  text.setSelectionRange(start, end);
  const isDone = words === "" ? document.execCommand("delete") : document.execCommand("insertText", false, words);
  if (!isDone && (words !== "" || start !== end)) {
    text.setRangeText(words, start, end, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  text.setSelectionRange(from, to);
};

const selected = () => text.value.slice(text.selectionStart, text.selectionEnd);

// Around the selection, or away from around it.
const wrap = (mark, blank) => {
  const { selectionStart: start, selectionEnd: end, value } = text;
  const words = selected();
  const before = value.slice(start - mark.length, start);
  if (before === mark && value.slice(end, end + mark.length) === mark && value[start - mark.length - 1] !== "*") {
    put(start - mark.length, end + mark.length, words, start - mark.length, end - mark.length);
    return;
  }
  const inner = words || blank;
  put(start, end, `${mark}${inner}${mark}`, start + mark.length, start + mark.length + inner.length);
};

// The whole lines that the selection touches.
const lines = () => {
  const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
  const until = text.selectionEnd > text.selectionStart ? text.selectionEnd - 1 : text.selectionEnd;
  const found = text.value.indexOf("\n", until);
  return { start, end: found === -1 ? text.value.length : found };
};

const MARKS = { list: /^- (?!\[[ x]\] )/, task: /^- \[[ x]\] /, quote: /^> ?/, numbered: /^\d+\. / };
const ANY = /^(- \[[ x]\] |- |> ?|\d+\. |#{1,6} )/;

const prefix = (kind, mark) => {
  const { start, end } = lines();
  const all = text.value.slice(start, end).split("\n");
  const isOn = all.every((line) => line === "" || MARKS[kind].test(line)) && all.some(Boolean);
  let number = 0;
  const made = all.map((line) => {
    if (isOn) return line.replace(MARKS[kind], "");
    if (line === "" && all.length > 1) return line;
    number += 1;
    return mark(number) + line.replace(ANY, "");
  });
  const words = made.join("\n");
  if (all.length === 1) put(start, end, words);
  else put(start, end, words, start, start + words.length);
};

const heading = () => {
  const { start, end } = lines();
  const line = text.value.slice(start, end).split("\n")[0];
  const level = line.match(/^(#{1,6}) /)?.[1].length ?? 0;
  const next = level === 0 ? "## " : level === 2 ? "### " : "";
  put(start, start + line.length, next + line.replace(ANY, ""));
};

const link = () => {
  const { selectionStart: start, selectionEnd: end } = text;
  const words = selected();
  if (/^https?:\/\/\S+$/.test(words)) put(start, end, `[words](${words})`, start + 1, start + 6);
  else {
    const inner = words || "words";
    const address = start + inner.length + 3;
    put(start, end, `[${inner}](https://)`, words ? address : start + 1, words ? address + 8 : start + 1 + inner.length);
  }
};

const code = () => {
  const words = selected();
  if (!words.includes("\n")) {
    wrap("`", "code");
    return;
  }
  const { start, end } = lines();
  const inner = text.value.slice(start, end);
  put(start, end, `\`\`\`\n${inner}\n\`\`\``, start + 4, start + 4 + inner.length);
};

// A paragraph of its own at the cursor: blank lines around it, where there are none.
const insertBlock = (words, select = "") => {
  const at = lines().end;
  const line = text.value.slice(lines().start, at);
  const start = line.trim() === "" ? lines().start : at;
  const before = text.value.slice(0, start);
  const after = text.value.slice(at);
  const gap = before.trim() === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const end = after === "" ? "\n" : after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  const from = select ? words.indexOf(select) : words.length;
  const place = start + gap.length + Math.max(0, from);
  put(start, at, `${gap}${words}${end}`, place, place + (select ? select.length : 0));
};

const TABLE = "| What | How many |\n| --- | ---: |\n| first | 1 |\n| second | 2 |";

const ACTS = {
  bold: () => wrap("**", "bold"),
  italic: () => wrap("*", "italic"),
  heading,
  list: () => prefix("list", () => "- "),
  numbered: () => prefix("numbered", (number) => `${number}. `),
  quote: () => prefix("quote", () => "> "),
  task: () => prefix("task", () => "- [ ] "),
  code,
  link,
  table: () => insertBlock(TABLE, "What"),
};

// The toolbar is one stop of the Tab key; arrows go along it.

const shownButtons = (bar) => [...bar.querySelectorAll("button, summary")].filter((each) => each.offsetParent !== null);

const moveAlong = (bar) => (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const buttons = shownButtons(bar);
  const at = buttons.indexOf(document.activeElement);
  if (at === -1 || !(step || event.key === "Home" || event.key === "End")) return;
  event.preventDefault();
  const to = step ? (at + step + buttons.length) % buttons.length : event.key === "Home" ? 0 : buttons.length - 1;
  for (const each of buttons) each.tabIndex = each === buttons[to] ? 0 : -1;
  buttons[to].focus();
};

const showHelp = (button) => {
  const crib = document.querySelector("[data-desk-crib]");
  crib.open = !crib.open;
  button.setAttribute("aria-expanded", String(crib.open));
  if (crib.open) crib.scrollIntoView({ block: "nearest" });
};

const startToolbar = (bar) => {
  bar.hidden = false;
  const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
  if (isMac) for (const each of bar.querySelectorAll("[title]")) each.title = each.title.replace("Ctrl+", "⌘");
  for (const each of shownButtons(bar).slice(1)) each.tabIndex = -1;
  bar.addEventListener("keydown", moveAlong(bar));
  // The selection in the text stays while a button is pressed.
  bar.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault());
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.do === "help") showHelp(button);
    else if (button.dataset.do) ACTS[button.dataset.do]?.();
    else if (button.dataset.insert) {
      onInsert({ text: button.dataset.insert, isBlock: "block" in button.dataset });
      button.closest("details")?.removeAttribute("open");
    }
  });
};

const onInsert = ({ text: words = "", isBlock = false, select = "" }) => {
  if (isBlock) {
    insertBlock(words, select);
    return;
  }
  const start = text.selectionStart;
  const from = select ? start + words.indexOf(select) : start + words.length;
  put(start, text.selectionEnd, words, from, from + select.length);
};

// Enter in a list goes on with it; on an empty item it ends the list.

const onEnter = (event) => {
  if (text.selectionStart !== text.selectionEnd) return;
  const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
  const line = text.value.slice(start, text.selectionStart);
  const item = line.match(/^(\s*)(- \[[ x]\] |[-*] |(\d{1,3})\. |> )(.*)$/);
  if (!item) return;
  event.preventDefault();
  const [, space, mark, number, words] = item;
  if (words.trim() === "") put(start, text.selectionStart, "");
  else {
    const next = number ? `${Number(number) + 1}. ` : mark.replace("[x]", "[ ]");
    put(text.selectionStart, text.selectionStart, `\n${space}${next}`);
  }
};

// Suggestions for @handle, INC- and ACT-: one question at a time, asked after a pause.

const WANTED = /(?:^|[^\w/@.:+-])(@[\w.-]{0,30}|(?:INC|ACT)-[\w ]{0,30})$/;
const box = document.getElementById("desk-offers");
let offers = [];
let chosen = 0;
let asked = "";
let timer = 0;
let asking = null;

const wanted = () => {
  if (text.selectionStart !== text.selectionEnd) return "";
  const at = text.selectionStart;
  return text.value.slice(Math.max(0, at - 40), at).match(WANTED)?.[1] ?? "";
};

const closeOffers = () => {
  clearTimeout(timer);
  asking?.abort();
  box.hidden = true;
  offers = [];
  text.removeAttribute("aria-activedescendant");
};

const mark = () => {
  [...box.children].forEach((each, place) => each.setAttribute("aria-selected", String(place === chosen)));
  text.setAttribute("aria-activedescendant", `desk-offer-${chosen}`);
};

const take = (place) => {
  const { insert } = offers[place];
  const at = text.selectionStart;
  const typed = wanted();
  closeOffers();
  put(at - typed.length, at, `${insert} `);
};

const showOffers = (found) => {
  offers = found;
  chosen = 0;
  if (found.length === 0) {
    closeOffers();
    return;
  }
  box.replaceChildren(
    ...found.map(({ insert, label }, place) => {
      const row = document.createElement("div");
      const name = document.createElement("b");
      row.id = `desk-offer-${place}`;
      row.setAttribute("role", "option");
      name.textContent = insert;
      row.append(name, ` ${label}`);
      row.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(place);
      });
      return row;
    }),
  );
  box.hidden = false;
  mark();
  say(found.length === 1 ? "1 suggestion" : `${found.length} suggestions; arrow keys to choose, Enter to take`);
};

const ask = async () => {
  const typed = wanted();
  if (typed === "") return;
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  asked = typed;
  try {
    const url = `${text.form.dataset.desk}/lookup?q=${encodeURIComponent(typed)}`;
    const answer = await fetch(url, { credentials: "same-origin", signal: mine.signal });
    const found = answer.ok ? await answer.json() : [];
    if (wanted() === asked) showOffers(found);
  } catch {
    // No suggestions then: what is typed works without.
  }
};

const onTyped = () => {
  const typed = wanted();
  if (typed === "") {
    if (!box.hidden || timer) closeOffers();
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(ask, 180);
};

const onOfferKey = (event) => {
  if (box.hidden) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    chosen = (chosen + step + offers.length) % offers.length;
    mark();
  } else if (event.key === "Enter" || event.key === "Tab") take(chosen);
  else if (event.key === "Escape") closeOffers();
  else return false;
  event.preventDefault();
  return true;
};

const KEYS = { b: "bold", i: "italic", k: "link" };

const onKey = (event) => {
  if (event.isComposing || onOfferKey(event)) return;
  const act = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && KEYS[event.key.toLowerCase()];
  if (act) {
    event.preventDefault();
    ACTS[act]();
  } else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) onEnter(event);
};

const start = () => {
  text.setAttribute("aria-controls", "desk-offers");
  text.addEventListener("keydown", onKey);
  text.addEventListener("input", onTyped);
  text.addEventListener("blur", closeOffers);
  text.addEventListener("desk:insert", (event) => onInsert(event.detail ?? {}));
  startToolbar(document.querySelector("[data-toolbar]"));
};

if (text) start();
