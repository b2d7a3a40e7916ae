// Beside the text: its rendering by the server, the template's sections, how long it is. Nothing of it runs while a key is down.

const PAUSE = 400;
const IDLE = 250;
const WORDS_A_MINUTE = 200;

const text = document.querySelector("[data-desk-text]");
const board = document.querySelector("[data-desk-board]");
const pane = board?.querySelector('[data-panel="preview"]');
const view = board?.querySelector("[data-preview-view] .prose");

// --- The preview: one request at a time; what was typed meanwhile is asked for when the answer is there.

const status = board?.querySelector("[data-preview-status]");
let isAsking = false;
let isWanted = false;
let shown = null;
let failures = 0;

const fetchPreview = async (source) => {
  const { dataset, elements } = text.form;
  const answer = await fetch(`/writeups/preview?writeup=${dataset.desk.split("/").pop()}`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": elements.csrf_token.value },
    body: new URLSearchParams({ text: source }),
    signal: AbortSignal.timeout(30_000),
  });
  const html = await answer.text(); // Read even when it is of no use: an unread answer keeps its connection.
  if (!answer.ok) throw new Error(String(answer.status));
  return html;
};

const showPreview = (html) => {
  // The answer is sanitised by the server; parsing it in a document of its own runs nothing.
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const inner = parsed.body.querySelector(".prose") ?? parsed.body;
  for (const element of inner.querySelectorAll("[id]")) element.id = `preview-${element.id}`;
  for (const link of inner.querySelectorAll('a[href^="#"]')) {
    link.setAttribute("href", `#preview-${link.getAttribute("href").slice(1)}`);
  }
  // A fold that was opened stays open while one writes.
  const open = [...view.querySelectorAll("details")].map((each) => each.open);
  [...inner.querySelectorAll("details")].forEach((each, place) => {
    each.open = open[place] ?? false;
  });
  const top = pane.scrollTop;
  view.replaceChildren(...inner.childNodes);
  pane.scrollTop = top;
};

const askPreview = async () => {
  isWanted = true;
  if (isAsking || pane.hidden) return;
  isAsking = true;
  while (isWanted) {
    isWanted = false;
    const source = text.value;
    if (source === shown) continue;
    try {
      const html = source.trim() === "" ? "" : await fetchPreview(source);
      failures = 0;
      shown = source;
      if (isWanted && text.value !== source) continue;
      showPreview(html);
      measured = null;
      status.textContent = source.trim() === "" ? "What you write is shown here as it will be published." : "";
    } catch {
      failures += 1;
      status.textContent = "The preview could not be made just now. Your text is safe; it is tried again.";
      setTimeout(askPreview, Math.min(30_000, 2000 * failures));
      break;
    }
  }
  isAsking = false;
};

// --- Sections of the text: its headings outside code, with the place of each.

const headings = () => {
  const found = [];
  let fence = "";
  let at = 0;
  for (const line of text.value.split("\n")) {
    const mark = line.match(/^[ >]*(`{3,}|~{3,})(.*)$/);
    if (mark) {
      if (!fence) fence = mark[2].includes("`") ? "" : mark[1];
      else if (mark[1].startsWith(fence) && mark[2].trim() === "") fence = "";
    } else if (!fence) {
      const heading = line.match(/^#{1,6}\s+(.*?)\s*#*$/);
      if (heading) found.push({ at, words: heading[1].trim() });
    }
    at += line.length + 1;
  }
  return found;
};

const same = (one, other) => one.toLowerCase() === other.toLowerCase();

// --- Scrolling together. Where a heading stands in the text is measured with a copy of it, once after each pause.

let measured = null;
let leader = null;

const topsInText = (found) => {
  const copy = document.createElement("div");
  const style = getComputedStyle(text);
  copy.className = "desk__measure";
  for (const name of ["font", "lineHeight", "letterSpacing", "padding", "tabSize"]) copy.style[name] = style[name];
  copy.style.width = `${text.clientWidth}px`;
  let from = 0;
  const marks = found.map(({ at }) => {
    const mark = document.createElement("span");
    copy.append(text.value.slice(from, at), mark);
    from = at;
    return mark;
  });
  copy.append(text.value.slice(from));
  document.body.append(copy);
  const tops = marks.map((mark) => mark.offsetTop);
  copy.remove();
  return tops;
};

const measure = () => {
  if (measured) return measured;
  const theirs = [...view.querySelectorAll(":is(h2, h3, h4, h5, h6)[id]")];
  const ours = headings();
  // Only while both have the same sections does each have its counterpart.
  const isSame = theirs.length === ours.length;
  const from = [0, ...(isSame ? topsInText(ours) : []), text.scrollHeight];
  const to = [0, ...(isSame ? theirs.map((each) => each.offsetTop - view.offsetTop) : []), pane.scrollHeight];
  measured = { from, to };
  return measured;
};

const across = (place, from, to) => {
  const next = from.findIndex((each, index) => index > 0 && each > place);
  if (next === -1) return to.at(-1);
  const share = (place - from[next - 1]) / Math.max(1, from[next] - from[next - 1]);
  return to[next - 1] + share * (to[next] - to[next - 1]);
};

const follow = (one, other, from, to) => {
  if (leader && leader !== one) return;
  leader = one;
  clearTimeout(follow.timer);
  follow.timer = setTimeout(() => {
    leader = null;
  }, 150);
  const isAtEnd = one.scrollTop + one.clientHeight >= one.scrollHeight - 2;
  other.scrollTop = isAtEnd ? other.scrollHeight : across(one.scrollTop, from, to);
};

let frame = 0;
const onScroll = (one) => () => {
  if (pane.hidden || frame || one.scrollHeight <= one.clientHeight) return;
  frame = requestAnimationFrame(() => {
    frame = 0;
    const { from, to } = measure();
    if (one === text) follow(text, pane, from, to);
    else follow(pane, text, to, from);
  });
};

// --- What to think about in the section where the cursor stands; sections that are missing.

const rows = [...(board?.querySelectorAll("[data-section]") ?? [])];
const prompt = board?.querySelector("[data-desk-prompt]");

const showPrompt = () => {
  const here = headings().filter(({ at }) => at <= text.selectionStart).at(-1);
  const row = here && rows.find((each) => same(each.dataset.section, here.words));
  for (const each of rows) each.classList.toggle("is-here", each === row);
  prompt.hidden = !row;
  if (!row || prompt.dataset.of === row.dataset.section) return;
  prompt.dataset.of = row.dataset.section;
  const name = document.createElement("b");
  name.textContent = row.dataset.section;
  prompt.replaceChildren(name, ` ${row.querySelector("[data-prompt]").textContent}`);
};

const showSections = () => {
  const there = headings();
  let missing = 0;
  for (const row of rows) {
    const isThere = there.some(({ words }) => same(words, row.dataset.section));
    const button = row.querySelector("[data-section-go]");
    missing += isThere ? 0 : 1;
    row.classList.toggle("is-missing", !isThere);
    button.hidden = false;
    button.textContent = isThere ? "Go there" : "Add this section";
    button.setAttribute("aria-label", `${button.textContent}: ${row.dataset.section}`);
  }
  const count = board.querySelector("[data-sections-count]");
  if (count) count.textContent = missing ? `${rows.length - missing}/${rows.length}` : "";
};

const goTo = (at) => {
  measured = null;
  text.focus({ preventScroll: true });
  text.setSelectionRange(at, at);
  const found = headings();
  const place = found.findIndex((each) => each.at <= at && at <= each.at + each.words.length + 8);
  if (place !== -1) text.scrollTop = topsInText(found)[place];
  showPrompt();
};

// A missing section goes before the first of those that follow it in the template.
const addSection = (name) => {
  const there = headings();
  const later = rows.slice(rows.findIndex((each) => each.dataset.section === name) + 1);
  const before = there.find(({ words }) => later.some((each) => same(each.dataset.section, words)));
  const at = before ? before.at : text.value.length;
  const gap = at === 0 || text.value.slice(0, at).endsWith("\n\n") ? "" : text.value[at - 1] === "\n" ? "\n" : "\n\n";
  text.focus({ preventScroll: true });
  text.setSelectionRange(at, at);
  text.dispatchEvent(
    new CustomEvent("desk:insert", { detail: { text: `${gap}## ${name}\n\n${before ? "\n\n" : ""}` } }),
  );
  const place = at + gap.length + name.length + 5;
  goTo(at + gap.length);
  text.setSelectionRange(place, place);
  showSections();
};

const onSection = (event) => {
  const row = event.target.closest("[data-section]");
  if (!event.target.closest("[data-section-go]")) return;
  show("text");
  const found = headings().find(({ words }) => same(words, row.dataset.section));
  if (found) goTo(found.at + text.value.slice(found.at).split("\n")[0].length);
  else addSection(row.dataset.section);
};

// --- Tabs. On a narrow screen the text is one of them.

const narrow = matchMedia("(width < 64rem)");
const tabs = [...(board?.querySelectorAll("[data-tab]") ?? [])];
let side = "preview";

const refreshTabs = () => {
  const isText = narrow.matches && board.dataset.narrow === "text";
  for (const tab of tabs) {
    const isOn = isText ? tab.dataset.tab === "text" : tab.dataset.tab === side;
    tab.setAttribute("aria-selected", String(isOn));
    tab.tabIndex = isOn ? 0 : -1;
    const panel = board.querySelector(`[data-panel="${tab.dataset.tab}"]`);
    if (panel) panel.hidden = tab.dataset.tab !== side;
  }
  board.dataset.side = side;
};

function show(name) {
  board.dataset.narrow = name === "text" ? "text" : "side";
  if (name !== "text") side = name;
  refreshTabs();
  if (name === "preview") askPreview();
  board.dispatchEvent(new CustomEvent("desk:tab", { detail: { name } }));
}

const onTabKey = (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const visible = tabs.filter((tab) => tab.offsetParent !== null);
  const next = visible[(visible.indexOf(document.activeElement) + step + visible.length) % visible.length];
  event.preventDefault();
  show(next.dataset.tab);
  next.focus();
};

// --- How long it is.

const showCount = () => {
  const words = text.value.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)?.length ?? 0;
  const minutes = Math.max(1, Math.round(words / WORDS_A_MINUTE));
  const said = words === 1 ? "1 word" : `${words.toLocaleString("en-GB")} words`;
  board.querySelector("[data-desk-count]").textContent = words ? `${said} · ${minutes} min to read` : "";
};

const later = (work, pause) => {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, pause);
  };
};

const start = () => {
  board.classList.add("is-live");
  board.querySelector("[data-desk-tabs]").hidden = false;
  for (const panel of board.querySelectorAll("[data-panel]")) panel.setAttribute("role", "tabpanel");
  for (const tab of tabs) {
    board.querySelector(`[data-panel="${tab.dataset.tab}"]`)?.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => show(tab.dataset.tab));
    tab.addEventListener("keydown", onTabKey);
  }
  refreshTabs();
  narrow.addEventListener("change", refreshTabs);
  const soon = later(askPreview, PAUSE);
  const idle = later(() => {
    showCount();
    showSections();
    showPrompt();
  }, IDLE);
  text.addEventListener("input", () => {
    measured = null;
    soon();
    idle();
  });
  const moved = later(showPrompt, 120);
  for (const name of ["keyup", "click", "focus"]) text.addEventListener(name, moved);
  text.addEventListener("scroll", onScroll(text), { passive: true });
  pane.addEventListener("scroll", onScroll(pane), { passive: true });
  new ResizeObserver(() => {
    measured = null;
  }).observe(text);
  board.addEventListener("click", onSection);
  board.addEventListener("language:counted", ({ detail }) => {
    board.querySelector("[data-language-number]").textContent = detail || "";
  });
  showCount();
  showSections();
  showPrompt();
  askPreview();
};

if (text && board) start();
