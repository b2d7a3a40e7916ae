// The meeting: a key for each decision, the clock, who is there, and what others decided meanwhile. Without script every
// key is a button and every page is loaded anew; nothing is lost.

const LOOK_EVERY = 2000;
const HERE_EVERY = 15000;

const screen = document.querySelector("[data-meeting]");
const address = screen.dataset.meeting;
let token = screen.dataset.token;

// Keys.

const isTyping = (element) => element?.matches("input, textarea, select, [contenteditable]") ?? false;

const ARROWS = { ArrowLeft: "b", ArrowRight: "n" };

const firstField = (box) => box.querySelector("input:not([type=hidden]), textarea, select");

const openForm = (summary) => {
  const box = summary.closest("details");
  for (const other of screen.querySelectorAll("details.key[open]")) if (other !== box) other.open = false;
  box.open = true;
  (firstField(box) ?? summary).focus();
};

const closeForms = () => {
  for (const box of screen.querySelectorAll("details.key[open]")) {
    box.open = false;
    box.querySelector("summary").focus();
  }
};

const onKey = (event) => {
  if (event.key === "Escape") {
    closeForms();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(document.activeElement)) return;
  const key = ARROWS[event.key] ?? event.key.toLowerCase();
  const face = /^[a-z]$/.test(key) && screen.querySelector(`[data-key="${key}"]`);
  if (!face) return;
  event.preventDefault();
  if (face.matches("summary")) openForm(face);
  else face.click();
};

// Opened by a click or by the keyboard's own way: the field is the next thing that is wanted.
const onToggle = (event) => {
  if (event.target.matches?.("details.key") && event.target.open) firstField(event.target)?.focus();
};

// The clock.

const face = (seconds) => {
  const all = Math.abs(seconds);
  const rest = [Math.floor(all / 60) % 60, all % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(all / 3600);
  return hours ? `${hours}:${rest.join(":")}` : `${Number(rest[0])}:${rest[1]}`;
};

let started = performance.now();

const tick = () => {
  const clock = screen.querySelector("[data-clock]");
  if (clock?.dataset.running !== "yes") return;
  const spent = Number(clock.dataset.spent) + Math.floor((performance.now() - started) / 1000);
  const left = Number(clock.dataset.planned) - spent;
  clock.querySelector("[data-clock-spent]").textContent = face(spent);
  clock.querySelector("[data-clock-left]").textContent = face(left);
  clock.querySelector("[data-clock-word]").textContent = left < 0 ? "over" : "left";
  clock.classList.toggle("meeting__clock--over", left < 0);
};

// What others decided: asked for every two seconds; only the parts that changed are exchanged. Who is writing keeps
// their form, and is told when they send it.

const isBusy = () => screen.querySelector("details.key[open]:not(.key--off), form[data-sent]") !== null;

const exchange = (fresh) => {
  const item = screen.querySelector('[data-live="item"]');
  const freshItem = fresh.querySelector('[data-live="item"]');
  const isSame = item?.dataset.item === freshItem?.dataset.item && item?.dataset.version === freshItem?.dataset.version;
  for (const name of ["bar", "item", "decide"]) {
    const old = screen.querySelector(`[data-live="${name}"]`);
    const next = fresh.querySelector(`[data-live="${name}"]`);
    if (!old || !next || (name === "decide" && isBusy()) || (name !== "bar" && isSame && name === "item")) continue;
    if (name === "decide" && old.contains(document.activeElement)) document.activeElement.blur();
    old.replaceWith(document.importNode(next, true));
  }
  started = performance.now();
};

// The screen stays on the action that it shows, also where the address names none.
const shownAddress = () => {
  const place = screen.querySelector("[data-place]")?.dataset.place;
  return place ? `${address}?item=${place}` : address;
};

const look = async () => {
  if (document.hidden) return;
  const answer = await fetch(`${address}/state`, { credentials: "same-origin", headers: { "If-None-Match": `"${token}"` }, cache: "no-store" });
  if (answer.status !== 200) return;
  const state = await answer.json();
  if (state.token === token) return;
  if (state.state === "ended") {
    window.location.assign(`${address}/minutes`);
    return;
  }
  const page = await fetch(shownAddress(), { credentials: "same-origin", cache: "no-store" });
  const html = await page.text();
  if (!page.ok || page.redirected) return;
  // Parsing in a document of its own runs nothing.
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-meeting]");
  if (!fresh) return;
  token = fresh.dataset.token;
  exchange(fresh);
};

const again = async () => {
  try {
    await look();
  } catch {
    // The network or the server is away: the next look finds them again, and nothing that was typed is touched.
  }
  setTimeout(again, LOOK_EVERY);
};

// I am here: only on a page whose person has joined, which the missing button says.

const sayHere = async () => {
  const csrf = screen.querySelector('input[name="csrf_token"]')?.value;
  const hasJoined = !screen.querySelector(`form[action="${address}/here"]`);
  if (!csrf || !hasJoined || document.hidden) return;
  try {
    const answer = await fetch(`${address}/here`, {
      method: "POST",
      credentials: "same-origin",
      redirect: "manual",
      headers: { "X-CSRFToken": csrf },
      body: new URLSearchParams({ csrf_token: csrf }),
    });
    await answer.text();
  } catch {
    // Missing one is no harm: somebody is there until three were missed.
  }
};

document.addEventListener("keydown", onKey);
screen.addEventListener("toggle", onToggle, true);
setInterval(tick, 1000);
setInterval(sayHere, HERE_EVERY);
sayHere();
setTimeout(again, LOOK_EVERY);
