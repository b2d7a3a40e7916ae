// Tells once that somebody stayed with an entry: twenty seconds in sight, or its end seen after five. Nothing is told
// where the browser asks not to be tracked, and the page asks for nothing that is counted already.
const mark = document.querySelector("[data-visit]");
const token = document.querySelector('input[name="csrf_token"]')?.value;
const asksNot = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
const STAYED = 20;
const SEEN_TO_THE_END = 5;
let seconds = 0;
let atTheEnd = false;

const tell = () => {
  clearInterval(clock);
  watching.disconnect();
  fetch(mark.dataset.visit, {
    method: "POST",
    credentials: "same-origin",
    keepalive: true,
    headers: { "X-CSRFToken": token },
    body: new URLSearchParams({ csrf_token: token }),
  }).catch(() => {});
};

const look = () => {
  if (seconds >= STAYED || (atTheEnd && seconds >= SEEN_TO_THE_END)) tell();
};

let clock;
let watching;
if (mark && token && !asksNot) {
  watching = new IntersectionObserver((entries) => {
    atTheEnd = atTheEnd || entries.some((entry) => entry.isIntersecting);
  });
  watching.observe(mark);
  clock = setInterval(() => {
    if (document.hidden) return;
    seconds += 1;
    look();
  }, 1000);
}
