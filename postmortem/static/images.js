// Pictures pasted into a text, dropped onto it or chosen: asked for their words, sent, and shown where the cursor stands.
//
// The desk's text takes them; once a picture is there, its words are handed to desk-editing.js by the event `desk:insert`.

const TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const MOST_BYTES = 10_000_000;

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

// As a paragraph of its own, where the cursor stood when the picture came.
const insert = (source, text, [start, end]) => {
  source.focus();
  source.setSelectionRange(start, end);
  source.dispatchEvent(new CustomEvent("desk:insert", { detail: { text, isBlock: true } }));
};

const send = async (source, file, alt, key) => {
  const body = new FormData();
  body.append("csrf_token", source.form.elements.csrf_token.value);
  body.append("form_key", key);
  body.append("alt", alt);
  body.append("image", file);
  const answer = await fetch(`${source.form.dataset.desk}/images`, {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: "application/json" },
    body,
    signal: AbortSignal.timeout(90_000),
  });
  if (answer.status === 422) throw new Error((await answer.json()).errors.join(" "));
  if (!answer.ok) throw new Error("The picture could not be kept just now. Try again in a moment.");
  return (await answer.json()).markdown;
};

// Drawn, because the page loads pictures from this site only, not from the browser's own memory.
const draw = async (file, canvas) => {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, 640 / picture.width, 320 / picture.height);
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
  } catch {
    canvas.remove();
  }
};

const ask = (source, file) =>
  new Promise((resolve) => {
    const place = [source.selectionStart, source.selectionEnd];
    const shown = element("canvas", { className: "image-words__picture" });
    shown.setAttribute("aria-hidden", "true");
    draw(file, shown);
    const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (each) => each.toString(16).padStart(2, "0")).join("");
    const words = element("textarea", { id: "image-words", rows: 3, maxLength: 500, required: true });
    const said = element("p", { className: "field__error" });
    said.setAttribute("role", "alert");
    const add = element("button", { type: "submit", className: "button button--primary", textContent: "Add the picture" });
    const cancel = element("button", { type: "button", className: "button button--quiet", textContent: "Cancel" });
    const form = element(
      "form",
      { className: "form", noValidate: true },
      element("h2", { textContent: "What does it show?", id: "image-words-title" }),
      shown,
      element("label", { htmlFor: "image-words", className: "field__label", textContent: "In words, for those who do not see it" }),
      words,
      said,
      element("div", { className: "image-words__buttons" }, cancel, add),
    );
    const dialog = element("dialog", { className: "image-words" }, form);
    dialog.setAttribute("aria-labelledby", "image-words-title");
    const close = () => dialog.close();
    cancel.addEventListener("click", close);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (add.disabled) return;
      said.textContent = "";
      if (!words.value.trim()) {
        said.textContent = "Say what the picture shows; one sentence is enough.";
        words.focus();
        return;
      }
      add.disabled = true;
      add.textContent = "Adding …";
      try {
        const markdown = await send(source, file, words.value, key);
        close();
        insert(source, markdown, place);
      } catch (error) {
        said.textContent = error.name === "Error" ? error.message : "The picture could not be sent. Check your connection, then try again.";
      } finally {
        add.disabled = false;
        add.textContent = "Add the picture";
      }
    });
    document.body.append(dialog);
    dialog.showModal();
    words.focus();
  });

const say = (source, text) => {
  const status = document.querySelector(`[data-images-said="${source.id}"]`);
  if (status) status.textContent = text;
};

const take = async (source, files) => {
  say(source, "");
  for (const file of files) {
    if (!TYPES.includes(file.type)) say(source, "Only pictures can be added here: PNG, JPEG, WebP or GIF.");
    else if (file.size > MOST_BYTES) say(source, `${file.name || "The picture"} is larger than 10 MB. Make it smaller, then add it again.`);
    else await ask(source, file);
  }
};

const filesOf = (transfer) => Array.from(transfer?.files ?? []);

const prepare = (source) => {
  source.addEventListener("paste", (event) => {
    const files = filesOf(event.clipboardData);
    // A table copied from a spreadsheet comes as text and as a picture of it: the text is meant.
    if (!files.length || event.clipboardData.getData("text/plain")) return;
    event.preventDefault();
    take(source, files);
  });
  source.addEventListener("dragover", (event) => {
    if (!Array.from(event.dataTransfer.types).includes("Files")) return;
    event.preventDefault();
    source.classList.add("is-drop-target");
  });
  source.addEventListener("dragleave", () => source.classList.remove("is-drop-target"));
  source.addEventListener("drop", (event) => {
    source.classList.remove("is-drop-target");
    const files = filesOf(event.dataTransfer);
    if (!files.length) return;
    event.preventDefault();
    take(source, files);
  });
  const tools = source.form.querySelector("[data-image-tools]");
  if (!tools) return;
  const chooser = element("button", { type: "button", textContent: "Picture", title: "Add a picture; pasting and dropping work too" });
  const hidden = element("input", { type: "file", accept: TYPES.join(","), multiple: true, hidden: true, tabIndex: -1 });
  hidden.setAttribute("aria-label", "Pictures to add");
  const said = element("span", { className: "visually-hidden" });
  said.setAttribute("role", "status");
  said.dataset.imagesSaid = source.id;
  tools.append(chooser, hidden, said);
  chooser.addEventListener("click", () => hidden.click());
  hidden.addEventListener("change", () => {
    take(source, Array.from(hidden.files));
    hidden.value = "";
  });
};

for (const source of document.querySelectorAll("form[data-desk] textarea[data-desk-text]")) prepare(source);
