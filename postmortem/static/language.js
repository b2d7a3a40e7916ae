// Hints about language beside a text: refreshed after a pause in typing; a click selects the words. Never in the way.

const PAUSE = 900;
const UNSEEN = "The hints about language could not be refreshed just now. Your text is safe; they come back as you type.";
const ASK_WHY = "Say in a few words why these words stay.";
const NOT_KEPT = "This was not kept just now. Try again in a moment; your text is safe.";

const send = async (url, fields, signal) => {
  const token = document.querySelector('input[name="csrf_token"]')?.value ?? "";
  return fetch(url, {
    method: "POST",
    credentials: "same-origin",
    redirect: "manual",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token },
    body: new URLSearchParams(fields),
    signal,
  });
};

// The places are those of the text that was sent; since then it may have moved a little.
const placeOf = (text, words, start) => {
  if (text.slice(start, start + words.length) === words) return start;
  const before = text.lastIndexOf(words, start);
  const after = text.indexOf(words, start);
  if (before < 0 || after < 0) return Math.max(before, after);
  return start - before < after - start ? before : after;
};

const select = (source, words, start, length) => {
  const place = placeOf(source.value, words, start);
  if (place < 0) return;
  // On a phone the text is the tab beside this one.
  if (source.offsetParent === null) document.querySelector('[data-tab="text"]')?.click();
  source.focus();
  // Browsers bring the cursor into view when it is set by focus, not when it is set by script.
  source.setSelectionRange(place, place);
  source.blur();
  source.focus();
  const share = place / Math.max(1, source.value.length);
  if (source.scrollHeight > source.clientHeight) {
    source.scrollTop = Math.max(0, share * source.scrollHeight - source.clientHeight / 2);
  }
  source.setSelectionRange(place, place + length);
};

const makeJumps = (view, source) => {
  for (const mark of view.querySelectorAll("mark[data-language-start]")) {
    const start = Number(mark.dataset.languageStart);
    const length = Number(mark.dataset.languageEnd) - start;
    const jump = document.createElement("button");
    jump.type = "button";
    jump.className = "language__jump";
    jump.title = "Select these words in the text";
    mark.replaceWith(jump);
    jump.append(mark);
    // A text field has one kind of newline; the words may have been wrapped by another.
    const words = mark.textContent.replaceAll("\r\n", "\n");
    jump.addEventListener("click", () => select(source, words, start, length));
  }
};

const addHints = (panel) => {
  const source = document.querySelector(panel.dataset.languageFor || "[data-desk-text]");
  if (!source) return;
  // `/writeups/<slug>` of the form in which the text stands; nothing where there is no write-up yet.
  const slug = (source.form?.dataset.desk ?? "").split("/").at(-1);
  const status = document.createElement("p");
  const view = document.createElement("div");
  status.className = "hint";
  status.setAttribute("role", "status");
  status.hidden = true;
  view.append(...panel.childNodes);
  panel.append(status, view);
  let timer = 0;
  let running = null;

  const tell = (sentence) => {
    status.textContent = sentence;
    status.hidden = sentence === "";
  };

  const isAnswering = () => {
    const reason = document.activeElement;
    return view.contains(reason) && reason.name === "reason" && reason.value.trim() !== "";
  };

  const refresh = async () => {
    if (isAnswering()) return;
    running?.abort();
    const mine = new AbortController();
    running = mine;
    try {
      const answer = await send("/writeups/language", { text: source.value, slug }, mine.signal);
      const html = await answer.text();
      if (!answer.ok) throw new Error(String(answer.status));
      // The server's own template; parsing it in a document of its own runs nothing.
      const hints = new DOMParser().parseFromString(html, "text/html").querySelector("[data-language-hints]");
      if (!hints) throw new Error("no hints");
      const wasOpen = view.querySelector(".language__kept")?.open ?? false;
      view.replaceChildren(hints);
      const kept = view.querySelector(".language__kept");
      if (kept) kept.open = wasOpen;
      makeJumps(view, source);
      for (const link of view.querySelectorAll("[data-language-without-script]")) link.remove();
      tell("");
      panel.dataset.languageCount = hints.dataset.count;
      panel.dispatchEvent(new CustomEvent("language:counted", { bubbles: true, detail: Number(hints.dataset.count) }));
    } catch (error) {
      if (error.name !== "AbortError") tell(UNSEEN);
    }
  };

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  };

  // Keeping words asks for no other page: what was typed stays where it is.
  view.addEventListener("click", async (event) => {
    const act = event.target.closest("[data-language-send]")?.closest("[data-language-act]");
    if (!act) return;
    const reason = act.querySelector('[name="reason"]');
    if (reason && reason.value.trim() === "") {
      reason.focus();
      tell(ASK_WHY);
      return;
    }
    try {
      const fields = { rule: act.dataset.rule, words: act.dataset.words, reason: reason?.value ?? "" };
      const answer = await send(act.dataset.languageAct, fields);
      if (answer.type !== "opaqueredirect") throw new Error(String(answer.status));
      act.closest("li")?.remove();
      await refresh();
      // The button that was pressed is gone; whoever uses the keyboard goes on from here.
      panel.tabIndex = -1;
      panel.focus({ preventScroll: true });
    } catch {
      tell(NOT_KEPT);
    }
  });
  source.addEventListener("input", later);
  makeJumps(view, source);
  refresh();
};

for (const panel of document.querySelectorAll("[data-language-panel]")) addHints(panel);
