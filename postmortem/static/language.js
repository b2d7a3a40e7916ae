// Hints about language beside a text: refreshed after a pause in typing; a click selects the words. Never in the way.

const PAUSE = 900;
const UNSEEN = "The hints about language could not be refreshed just now. Your text is safe; they come back as you type.";
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
  const source = document.getElementById(panel.dataset.languageFor);
  const view = panel.querySelector("[data-language-view]");
  const status = panel.querySelector("[data-language-status]");
  if (!source || !view) return;
  let timer = 0;
  let running = null;

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
      const answer = await send(panel.dataset.languageUrl, { text: source.value, slug: panel.dataset.languageSlug }, mine.signal);
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
      status.textContent = `Hints about language: ${hints.dataset.count}`;
      panel.dataset.languageReady = "true";
    } catch (error) {
      if (error.name !== "AbortError") status.textContent = UNSEEN;
    }
  };

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  };

  // Keeping words asks for no other page: what was typed stays where it is.
  view.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-language-form]");
    if (!form) return;
    event.preventDefault();
    event.stopPropagation();
    try {
      const answer = await send(form.action, new FormData(form));
      if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error(String(answer.status));
      form.closest("li")?.remove();
      await refresh();
    } catch {
      status.textContent = NOT_KEPT;
      status.classList.remove("visually-hidden");
    }
  });
  source.addEventListener("input", later);
  makeJumps(view, source);
  later();
};

for (const panel of document.querySelectorAll("[data-language-for]")) addHints(panel);
