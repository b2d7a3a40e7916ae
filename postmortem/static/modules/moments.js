// "Now" beside a moment: the time at this minute, in the zone that the form names.

const formatter = (zone) =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone: zone || undefined,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });

const timeIn = (zone) => {
  let format;
  try {
    format = formatter(zone);
  } catch {
    format = formatter("UTC"); // A zone that this browser does not know.
  }
  const part = Object.fromEntries(format.formatToParts(new Date()).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
};

const addNow = (box) => {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  const what = box.closest("fieldset")?.querySelector("legend")?.textContent.trim() ?? "";
  button.type = "button";
  button.className = "link-button moment__now";
  button.textContent = "Now";
  button.setAttribute("aria-label", `Now, for ${what}`);
  button.addEventListener("click", () => {
    input.value = timeIn(input.form?.elements.timezone?.value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  box.append(button);
};

export const addNowButtons = (root) => {
  for (const box of root.querySelectorAll("[data-moment]")) addNow(box);
};
