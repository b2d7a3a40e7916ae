// What is typed is kept in this browser until it is saved, and offered again after a crash. It never fills in a form unasked.

const PREFIX = "postmortem-draft";
const MARK = "postmortem-sent";
const COOKIE = "postmortem-saved";
const PAUSE = 400;
const DAYS = 7;
const MOST = 40;
const MOST_CHARACTERS = 400_000;
const TEXTS = "textarea, input:not([type]), input[type=text], input[type=url], input[type=email], input[type=datetime-local]";
const SECRETS = "input[type=password], input[autocomplete=one-time-code], input[autocomplete$=password], [data-secret]";
// Sent again with the text: a version makes the server show what somebody else saved meanwhile, and the one-time
// key makes it find a record that it made and could not answer for. Revision and base say what the desk started from.
const CARRIED = ["version", "revision", "base", "form_key"];

// One kept text is one item: prefix, whose it is, the form's address, its own random name. Two tabs have two.

const parse = (key) => {
  const [prefix, person, address, name] = key.split("|");
  return prefix === PREFIX && name ? { key, person, address, name } : null;
};

const read = (key) => {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    return Array.isArray(kept?.fields) && typeof kept.at === "number" ? kept : null;
  } catch {
    return null;
  }
};

const all = () =>
  Object.keys(localStorage)
    .map(parse)
    .filter(Boolean)
    .map((found) => ({ ...found, kept: read(found.key) }));

const sweep = (person) => {
  const oldest = Date.now() - DAYS * 24 * 3600 * 1000;
  const left = [];
  for (const draft of all()) {
    const isForeign = person && draft.person !== person;
    if (!draft.kept || isForeign || draft.kept.at < oldest) localStorage.removeItem(draft.key);
    else left.push(draft);
  }
  left.sort((a, b) => b.kept.at - a.kept.at);
  for (const draft of left.slice(MOST)) localStorage.removeItem(draft.key);
};

let isSignedOut = false;

const clearAll = () => {
  isSignedOut = true;
  for (const draft of all()) localStorage.removeItem(draft.key);
  sessionStorage.removeItem(MARK);
};

// The server names what it has saved in a cookie; that, and nothing less, ends a kept text.
const removeSaved = () => {
  const name = document.cookie.match(new RegExp(`(?:^|; )${COOKIE}=([a-z0-9]+)`))?.[1];
  if (!name) return;
  for (const draft of all()) if (draft.name === name) localStorage.removeItem(draft.key);
  document.cookie = `${COOKIE}=; path=/; max-age=0`;
};

// What a form holds, as a list of [name, value] and of [name, value, ticked].

const isTicked = (element) => element.type === "checkbox" || element.type === "radio";

const fieldsOf = (form) => {
  const fields = [];
  for (const element of form.elements) {
    const isHidden = element.type === "hidden" && !CARRIED.includes(element.name);
    if (!element.name || isHidden || ["submit", "button", "file", "fieldset"].includes(element.type)) continue;
    if (isTicked(element)) fields.push([element.name, element.value, element.checked]);
    else if (element.type === "select-multiple") {
      for (const option of element.options) fields.push([element.name, option.value, option.selected]);
    } else fields.push([element.name, element.value]);
  }
  return fields;
};

const typed = (fields) => JSON.stringify(fields.filter(([name]) => !CARRIED.includes(name)));

const control = (form, name) => {
  const found = form.elements[name];
  if (found) return found;
  // Rows that were added by script: their button stands at the end of the list whose name begins the field's.
  const list = [...form.querySelectorAll("[data-rows]")].find((box) => name.startsWith(`${box.id}-`));
  for (let tries = 0; list && !form.elements[name] && tries < 60; tries += 1) list.querySelector(".rows__add")?.click();
  return form.elements[name];
};

const openAround = (element) => {
  for (let box = element.closest("details"); box; box = box.parentElement?.closest("details")) box.open = true;
};

const put = (form, [name, value, ticked]) => {
  const found = control(form, name);
  if (!found) return;
  const elements = found instanceof RadioNodeList ? [...found] : [found];
  for (const element of elements) {
    const before = isTicked(element) ? element.checked : element.value;
    if (isTicked(element)) {
      if (element.value === value) element.checked = ticked;
    } else if (element.type === "select-multiple") {
      for (const option of element.options) if (option.value === value) option.selected = ticked;
    } else element.value = value;
    // Nothing comes back unseen: what was folded away opens.
    if (before !== (isTicked(element) ? element.checked : element.value)) openAround(element);
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
  }
};

// The bar above the form.

const timeOf = (at) => {
  const then = new Date(at);
  const clock = then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (then.toDateString() === new Date().toDateString()) return clock;
  return `${clock} on ${then.toLocaleDateString("en-GB", { day: "numeric", month: "long" })}`;
};

const button = (words, tone, onClick) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button button--${tone} button--compact`;
  made.textContent = words;
  made.addEventListener("click", onClick);
  return made;
};

const addBar = (form) => {
  const bar = document.createElement("div");
  const words = document.createElement("p");
  const buttons = document.createElement("div");
  bar.className = "notice notice--info draft-bar";
  bar.hidden = true;
  words.setAttribute("role", "status");
  words.tabIndex = -1;
  buttons.className = "draft-bar__buttons";
  bar.append(words, buttons);
  form.before(bar);
  return {
    say: (sentence, ...more) => {
      bar.hidden = false;
      buttons.replaceChildren(...more);
      // In a frame of its own: a status that is there first is read out when it changes.
      requestAnimationFrame(() => {
        words.textContent = sentence;
      });
    },
    focus: () => words.focus(),
    hide: () => {
      bar.hidden = true;
    },
  };
};

const offerSentence = (kept, form) => {
  const version = kept.fields.find(([name]) => name === "version")?.[1];
  const isOld = version !== undefined && form.elements.version && version !== form.elements.version.value;
  const what = kept.sent
    ? `You sent this form at ${timeOf(kept.at)} and no answer came, so it may not be saved.`
    : `You typed something here until ${timeOf(kept.at)} that was not saved.`;
  return isOld ? `${what} The record was changed since; saving will show you both texts.` : what;
};

const newName = () => crypto.getRandomValues(new Uint32Array(3)).reduce((text, part) => text + part.toString(36), "d");

class Keeper {
  constructor(form, person) {
    this.form = form;
    this.person = person;
    const { pathname, search } = new URL(form.getAttribute("action") ?? "", location.href);
    this.address = `${pathname}${search}`.replaceAll("|", "");
    this.name = newName();
    this.timer = 0;
    this.isAnswer = document.querySelector("main .error-summary, main .conflict") !== null;
    this.bar = addBar(form);
  }

  get key() {
    return [PREFIX, this.person, this.address, this.name].join("|");
  }

  start(mark) {
    // The server has answered with the form as it was sent: it goes on being the same text.
    if (this.isAnswer && mark?.address === this.address) this.name = mark.name;
    this.first = fieldsOf(this.form);
    this.form.addEventListener("input", () => this.later());
    this.form.addEventListener("change", () => this.later());
    this.form.addEventListener("drafts:kept", ({ detail }) => this.dropWhatIsKept(detail));
    this.form.addEventListener("formdata", (event) => event.formData.set("draft_id", this.name));
    document.addEventListener("submit", (event) => this.onSubmit(event));
    window.addEventListener("pagehide", () => this.flush());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.flush());
    this.offer();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  flush() {
    if (this.timer) this.save();
  }

  save(sent = false) {
    clearTimeout(this.timer);
    this.timer = 0;
    if (isSignedOut) return;
    const fields = fieldsOf(this.form);
    if (!this.isAnswer && !sent && typed(fields) === typed(this.first)) {
      localStorage.removeItem(this.key);
      return;
    }
    const text = JSON.stringify({ at: Date.now(), sent, fields });
    if (text.length > MOST_CHARACTERS) return;
    try {
      localStorage.setItem(this.key, text);
    } catch {
      // The browser's room is used up, or it keeps nothing: the form works as it does without script.
    }
  }

  // The server keeps these fields as they are now (desk.js); where nothing else was changed, this browser need not.
  dropWhatIsKept(fields) {
    const rest = (all) => typed(all.filter(([name]) => !(name in fields)));
    const isSame = Object.entries(fields).every(([name, value]) => this.form.elements[name].value === value);
    if (!isSame || this.isAnswer || rest(fieldsOf(this.form)) !== rest(this.first)) return;
    clearTimeout(this.timer);
    this.timer = 0;
    localStorage.removeItem(this.key);
  }

  onSubmit(event) {
    if (event.target !== this.form || event.defaultPrevented) return;
    this.save(true);
    sessionStorage.setItem(MARK, JSON.stringify({ address: this.address, name: this.name }));
  }

  offer() {
    const found = all()
      .filter(({ person, address, name }) => person === this.person && address === this.address && name !== this.name)
      .sort((a, b) => b.kept.at - a.kept.at);
    // What the server kept is offered on the page itself. One offer at a time: the newer one.
    const waiting = document.querySelector("[data-desk-offer]");
    for (const draft of found) {
      if (typed(draft.kept.fields) !== typed(fieldsOf(this.form))) {
        if (waiting && draft.kept.at < Number(waiting.dataset.savedAt)) return;
        if (waiting) waiting.hidden = true;
        this.show(draft, waiting);
        return;
      }
      if (!this.isAnswer) localStorage.removeItem(draft.key);
    }
  }

  show(draft, waiting) {
    this.bar.say(
      offerSentence(draft.kept, this.form),
      button(`Bring back what you typed at ${timeOf(draft.kept.at)}`, "primary", () => this.bringBack(draft, waiting)),
      button("Discard", "quiet", () => {
        localStorage.removeItem(draft.key);
        if (waiting) {
          // It is the same text a few seconds earlier.
          waiting.querySelector("form").requestSubmit();
          return;
        }
        this.bar.say("Discarded.");
        this.bar.focus();
        this.offer();
      }),
    );
  }

  bringBack(draft, waiting) {
    this.flush();
    if (waiting) this.form.elements.token.value = waiting.dataset.token;
    const newKey = this.form.elements.form_key?.value;
    for (const field of draft.kept.fields) put(this.form, field);
    this.name = draft.name;
    this.save();
    this.bar.say("It is back in the form. Look through it, then save.");
    this.bar.focus();
    // Sent as it was, it is the same form and makes one record; changed, it is a form of its own.
    if (newKey) {
      const change = () => {
        this.form.elements.form_key.value = newKey;
      };
      this.form.addEventListener("input", change, { once: true });
    }
  }
}

const isKept = (form) =>
  form.getAttribute("method")?.toLowerCase() === "post" && form.querySelector(TEXTS) && !form.querySelector(SECRETS);

const keepDrafts = (root) => {
  const person = root.body.dataset.drafts;
  sweep(person);
  removeSaved();
  root.addEventListener("submit", (event) => {
    if (new URL(event.target.getAttribute("action") ?? "", location.href).pathname === "/logout") clearAll();
  });
  if (!person) return;
  const mark = JSON.parse(sessionStorage.getItem(MARK) ?? "null");
  sessionStorage.removeItem(MARK);
  for (const form of root.querySelectorAll("main form:not([data-no-draft])")) {
    if (isKept(form)) new Keeper(form, person).start(mark);
  }
};

try {
  keepDrafts(document);
} catch (error) {
  // A browser that lets a site keep nothing: forms work as they do without script.
  if (!(error instanceof DOMException)) throw error;
}
