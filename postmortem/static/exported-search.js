// The search of the exported site. All of it happens here: search-index.js brings the words and where they stand.
// No module, because a page that was opened from a disk may not load one.
(() => {
  const MOST_SHOWN = 50;
  const MOST_TERMS = 12;
  const index = window.searchIndex;
  const form = document.querySelector(".site-search");
  const box = document.querySelector("#words");
  const said = document.querySelector("#found");
  const results = document.querySelector("#results");
  if (!index || !form) return;

  const words = index.words.split(" ");
  const places = index.places.split("|");

  // As search_index.py folds the words of the texts.
  const fold = (text) =>
    text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase().match(/[\p{L}\p{N}]+/gu) || [];

  // The first word that is not before this one.
  const firstFrom = (term) => {
    let [low, high] = [0, words.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (words[middle] < term) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  // The entries with a word that begins so, each with 2 where the whole word is there, else 1.
  const entriesWith = (term) => {
    const found = new Map();
    for (let at = firstFrom(term); at < words.length && words[at].startsWith(term); at += 1) {
      const weight = words[at] === term ? 2 : 1;
      let number = 0;
      for (const step of places[at].split(" ")) {
        number += parseInt(step, 36);
        found.set(number, Math.max(found.get(number) || 0, weight));
      }
    }
    return found;
  };

  const begins = (text, term) => fold(text).some((word) => word.startsWith(term));

  // A word in the title says most about an entry, one of its tags much, a heading or the summary more than the text.
  const worth = (number, term) => {
    const [title, , summary, , tags, headings] = index.entries[number];
    return (
      (begins(title, term) ? 8 : 0) +
      (begins(tags.join(" "), term) ? 5 : 0) +
      (begins(headings, term) ? 3 : 0) +
      (begins(summary, term) ? 3 : 0)
    );
  };

  // Numbers of entries, the best first, of equals the newest.
  const search = (terms) => {
    let scores = null;
    for (const term of terms) {
      const next = new Map();
      for (const [number, weight] of entriesWith(term)) {
        if (scores && !scores.has(number)) continue;
        next.set(number, (scores ? scores.get(number) : 0) + weight + worth(number, term));
      }
      scores = next;
    }
    return [...scores].sort((one, other) => other[1] - one[1] || one[0] - other[0]).map(([number]) => number);
  };

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
  };

  const marked = (text, terms) => {
    const parts = text.split(new RegExp(`(?<![\\p{L}\\p{N}])(${terms.join("|")})`, "giu"));
    return parts.map((part, at) => (at % 2 ? element("mark", "", part) : part));
  };

  const card = (number, terms) => {
    const [title, file, summary, line, tags] = index.entries[number];
    const link = element("a", "", ...marked(title, terms));
    link.href = file;
    const made = element("article", "entry", element("h2", "entry__title", link));
    if (summary) made.append(element("p", "entry__tldr", ...marked(summary, terms)));
    const [author, ...rest] = line;
    const said = author ? [element("span", "entry-line__author", author)] : [];
    made.append(element("p", "entry-line", ...said, ...rest.map((part) => element("span", "", part))));
    const list = tags.map((tag) => element("li", "", element("span", "tag", ...marked(tag, terms))));
    if (list.length) made.append(element("ul", "tags", ...list));
    return made;
  };

  const sentence = (count, left) => {
    const also = left.length ? `. Not looked for, because most write-ups have it: ${left.join(", ")}` : "";
    if (!count) return `Nothing found. Try fewer words, or only the beginning of one${also}`;
    const some = count > MOST_SHOWN ? `, of which the first ${MOST_SHOWN} are here. One more word finds fewer` : "";
    return `${count.toLocaleString("en")} write-up${count === 1 ? "" : "s"}${some}${also}`;
  };

  const show = () => {
    const asked = [...new Set(fold(box.value))].slice(0, MOST_TERMS);
    const left = asked.filter((term) => index.common.includes(term));
    const terms = asked.filter((term) => !left.includes(term));
    const found = terms.length ? search(terms) : [];
    results.replaceChildren(...found.slice(0, MOST_SHOWN).map((number) => card(number, terms)));
    said.textContent = "";
    if (terms.length) said.textContent = sentence(found.length, left);
    else if (left.some((term) => term.length > 1)) said.textContent = "Most write-ups have that word. Add a rarer one";
    try {
      history.replaceState(null, "", asked.length ? `#q=${encodeURIComponent(box.value)}` : "#");
    } catch {
      // Without an address of its own, a search is as good.
    }
  };

  const wanted = () =>
    new URLSearchParams(location.hash.slice(1)).get("q") || new URLSearchParams(location.search).get("q") || "";

  let waiting = 0;
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 60);
  });
  box.value = wanted();
  if (box.value) show();
  box.focus();
})();
