// A word about an action's title while it is typed. What is said comes from the server, which says the same when the form is sent.

const PAUSE = 600;

const ask = async (url, title, form, signal) => {
  const token = form?.querySelector('input[name="csrf_token"]')?.value ?? "";
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token },
    body: new URLSearchParams({ title }),
    signal,
  });
  const hint = await answer.text(); // Read even when it is of no use: an unread answer keeps its connection.
  return answer.ok ? hint : "";
};

const show = (box, hint) => {
  if (!hint) {
    box.replaceChildren();
    return;
  }
  const line = document.createElement("p");
  const lead = document.createElement("strong");
  line.className = "coach";
  lead.textContent = "About the title:";
  line.append(lead, ` ${hint}`);
  box.replaceChildren(line);
};

const coach = (box) => {
  const field = document.getElementById(box.dataset.coachFor);
  if (!field) return;
  let waiting = 0;
  let running = null;
  const look = async () => {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const title = field.value.trim();
    try {
      const hint = title ? await ask(box.dataset.coach, title, field.form, signal) : "";
      if (!signal.aborted) show(box, hint);
    } catch {
      // Nobody needs a hint so much as to be told that there is none just now.
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, PAUSE);
  });
};

for (const box of document.querySelectorAll("[data-coach]")) coach(box);
