// What is typed at the desk is kept on the server every few seconds, for whoever typed it alone; and who else writes is said.
//
// It works together with drafts.js, which keeps the form in this browser at once: what the server has need not stay here.

const PAUSE = 2500;
const AT_MOST = 8000;
const BEAT = 20_000;
const TEXTS = ["title", "tldr", "body"];

const form = document.querySelector("[data-desk]");
const others = document.querySelector("[data-desk-others]");
const kept = document.querySelector("[data-desk-kept]");
const offer = document.querySelector("[data-desk-offer]");

const texts = () => Object.fromEntries(TEXTS.map((name) => [name, form.elements[name].value]));

let sent = "";
let first = "";
let timer = 0;
let oldest = 0;
let isSending = false;
let isLeaving = false;
let isElsewhere = false;
let newest = 0;
let unanswered = "";
let failures = 0;

const post = (fields) =>
  fetch(`${form.dataset.desk}/autosave`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": form.elements.csrf_token.value },
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(20_000),
  });

const timeNow = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

const ago = (seconds) => (seconds < 60 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`);

const sentenceOf = ({ name, seconds }) =>
  seconds === null ? `${name} has this open too.` : `${name} is writing here too, last typed ${ago(seconds)}.`;

const showOthers = (found, version) => {
  const isNewer = version > newest;
  const sentences = found.map(sentenceOf);
  if (isNewer) sentences.push("Somebody saved meanwhile; when you save, both texts are put together.");
  const said = sentences.join(" ");
  if (others.textContent !== said) others.textContent = said;
  others.hidden = said === "";
};

// The text that is in a field is what was kept: nothing of it need stay in this browser.
const tellDrafts = (now) => form.dispatchEvent(new CustomEvent("drafts:kept", { detail: now }));

const takeAnswer = async (answer, now) => {
  if (answer.redirected) {
    kept.textContent = "Your sign-in has ended. What you type is kept in this browser: sign in in another tab, then save.";
    return;
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.status === 409) {
    // An answer that was lost on its way: what is kept there is this page's own.
    if (unanswered && body.texts && TEXTS.every((name) => body.texts[name] === JSON.parse(unanswered)[name])) {
      form.elements.token.value = body.token;
      unanswered = "";
      return;
    }
    isElsewhere = true;
    kept.textContent = "You typed into this elsewhere too, so this text is kept in this browser alone.";
    return;
  }
  if (answer.status === 422) {
    sent = JSON.stringify(now);
    kept.textContent = "Too long to be saved. It is kept in this browser.";
    return;
  }
  if (!answer.ok) throw new Error(String(answer.status));
  failures = 0;
  showOthers(body.others, body.version);
  if (!now) return;
  sent = JSON.stringify(now);
  unanswered = "";
  form.elements.token.value = body.token;
  kept.textContent = body.is_kept ? `Kept ${timeNow()}` : "";
  tellDrafts(now);
};

const beat = async () => {
  if (isSending || isLeaving || document.visibilityState === "hidden") return;
  const now = texts();
  // An earlier text waits for an answer: what is typed now must not take its place.
  const isWaiting = offer !== null && !offer.hidden;
  const isTyped = JSON.stringify(now) !== sent;
  const isChanged = isTyped && !isElsewhere && !isWaiting;
  if (isTyped && isWaiting) kept.textContent = "Kept in this browser, until you decide about the earlier text above.";
  const base = { version: form.elements.version.value, revision: form.elements.revision.value };
  const more = isChanged ? { ...now, replaces: form.elements.token.value } : {};
  const hasTyped = JSON.stringify(now) === first ? {} : { has_typed: "yes" };
  isSending = true;
  oldest = 0;
  try {
    await takeAnswer(await post({ ...base, ...hasTyped, ...more }), isChanged ? now : null);
  } catch {
    failures += 1;
    if (isChanged) unanswered = JSON.stringify(now);
    if (isChanged) kept.textContent = "Kept in this browser; the server cannot be reached just now.";
  }
  isSending = false;
  if (isChanged && JSON.stringify(texts()) !== sent && !isElsewhere) later(Math.min(30_000, PAUSE * (failures + 1)));
};

function later(pause = PAUSE) {
  clearTimeout(timer);
  if (!oldest) oldest = Date.now();
  timer = setTimeout(beat, failures ? pause : Math.max(0, Math.min(pause, oldest + AT_MOST - Date.now())));
}

const save = () => {
  const button = form.querySelector("[data-save-and-go-on]");
  // The place in the text is found again on the next page.
  const { selectionStart, scrollTop } = form.elements.body;
  sessionStorage.setItem("desk-place", JSON.stringify([location.pathname, selectionStart, scrollTop]));
  form.requestSubmit(button);
};

const goBackToPlace = () => {
  const [path, at, top] = JSON.parse(sessionStorage.getItem("desk-place") ?? "[]");
  sessionStorage.removeItem("desk-place");
  if (path !== location.pathname) return;
  const { body } = form.elements;
  body.focus({ preventScroll: true });
  body.setSelectionRange(at, at);
  body.scrollTop = top;
};

const onKey = (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "s") return;
  event.preventDefault();
  save();
};

const start = () => {
  sent = first = JSON.stringify(texts());
  newest = Number(form.elements.version.value);
  form.querySelector("[data-without-script]").hidden = true;
  for (const name of TEXTS) form.elements[name].addEventListener("input", () => later());
  form.addEventListener("submit", () => {
    isLeaving = true;
    clearTimeout(timer);
  });
  // Back from the next page by the browser's own way: the desk is as it was.
  window.addEventListener("pageshow", () => {
    isLeaving = false;
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && beat());
  setInterval(beat, BEAT);
  beat();
  goBackToPlace();
};

if (form) start();
