// "Copy as Markdown": beside the link to the text stands a button where the browser can copy. A page that was opened
// from a disk may not read its neighbours.
for (const link of document.querySelectorAll("[data-copy-text]")) {
  if (!navigator.clipboard || location.protocol === "file:") continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--quiet button--compact";
  button.textContent = link.dataset.copyText;
  const said = document.createElement("span");
  said.className = "hint";
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      const answer = await fetch(link.href, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      await navigator.clipboard.writeText(await answer.text());
      said.textContent = "Copied.";
    } catch {
      said.textContent = "That could not be copied. The link beside it opens the text.";
    }
  });
  link.after(" ", button, " ", said);
}
