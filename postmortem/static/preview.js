// A preview that is made by the server's own renderer, so that it looks exactly like what will be published.

const PAUSE = 350;

const fetchPreview = async (url, text, form, signal) => {
  const token = form?.querySelector('input[name="csrf_token"]')?.value ?? "";
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token },
    body: new URLSearchParams({ text, body: text }),
    signal,
  });
  const html = await answer.text(); // Read even when it is of no use: an unread answer keeps its connection.
  if (!answer.ok) throw new Error(String(answer.status));
  return html;
};

const addPreview = (pane) => {
  const source = document.getElementById(pane.dataset.previewFor);
  if (!source) return;
  const status = document.createElement("p");
  const view = document.createElement("div");
  status.className = "editor__status";
  status.setAttribute("role", "status");
  view.className = "editor__view";
  pane.replaceChildren(status, view);
  pane.tabIndex = 0;
  pane.setAttribute("role", "region");
  const label = source.labels?.[0]?.firstChild?.textContent.trim();
  pane.setAttribute("aria-label", label ? `Preview of ${label}` : "Preview");

  let timer = 0;
  let running = null;

  const show = async () => {
    running?.abort();
    pane.hidden = source.value.trim() === "";
    if (pane.hidden) return;
    const mine = new AbortController();
    running = mine;
    try {
      const html = await fetchPreview(pane.dataset.previewUrl, source.value, source.form, mine.signal);
      // The answer is sanitised by the server; parsing it in a document of its own runs nothing.
      const parsed = new DOMParser().parseFromString(html, "text/html");
      const prose = document.createElement("div");
      prose.className = "prose prose--article";
      const inner = parsed.body.querySelector(".prose") ?? parsed.body;
      prose.append(...inner.childNodes);
      for (const element of prose.querySelectorAll("[id]")) element.id = `preview-${element.id}`;
      view.replaceChildren(prose);
      status.textContent = "";
    } catch (error) {
      if (error.name !== "AbortError") {
        status.textContent = "The preview could not be made just now. Your text is safe; it will be tried again as you type.";
      }
    }
  };

  source.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  });
  show();
};

const addPreviews = (root) => {
  for (const pane of root.querySelectorAll("[data-preview-for]")) addPreview(pane);
};

addPreviews(document);
