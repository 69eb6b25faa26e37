// The presenter's window: the same document in a second tab, in step with the one that is projected. Windows of the same
// deck find each other by the one having opened the other (which works for files too), or by a channel of their site.

const desk = one(".desk");
const channel = "BroadcastChannel" in window ? new BroadcastChannel(`sunes ${settings.deck}`) : null;
let opened = null;
let since = Date.now();
let following = false; // what comes from the other window is not sent back
let turn = 0; // of the last move that is known here: what comes late, or twice, is none

function openNotes() {
  if (layout() === "notes") return;
  opened = window.open(`${location.href.split("#")[0]}#notes-${at + 1}`, "_blank", "popup,width=1280,height=800");
}

function tell(message) {
  const sent = { sunes: settings.deck, from: layout(), turn, ...message };
  channel?.postMessage(sent);
  for (const other of [opened, window.opener]) if (other && !other.closed) other.postMessage(sent, "*");
}

// Called after everything that the other window has to follow.
function told() {
  if (layout() === "page" || following) return;
  turn += 1;
  state();
}

function state() {
  const moment = one("input", player(slides[at]) ?? document.createElement("p"))?.value ?? null;
  tell({ at, black: !one("#black").hidden, moment });
}

function moved(bar) {
  if (bar === player(slides[at])) told();
}

function hear({ data }) {
  if (data?.sunes !== settings.deck || data.from === layout() || layout() === "page" || data.from === "page") return;
  if (data.hello) return state();
  // Of two moves at the same time, that of the presenter's own window counts, in both.
  if (data.turn < turn || (data.turn === turn && data.from !== "notes")) return;
  turn = data.turn;
  following = true;
  if (Number.isInteger(data.at) && data.at !== at) go(data.at);
  black(Boolean(data.black));
  const bar = player(slides[at]);
  if (bar && data.moment !== null && one("input", bar).value !== data.moment) {
    show(bar.closest(".visual"), between(0, Number(data.moment) || 0, Number(one("input", bar).max)));
  }
  following = false;
}

channel?.addEventListener("message", hear);
addEventListener("message", hear);

function notes() {
  one(".place", desk).textContent = `${at + 1} / ${slides.length}`;
  one(".following", desk).textContent = at + 1 < slides.length ? "Ensuite" : "Dernière diapositive";
  one(".speech", desk).textContent = one(".notes", slides[at])?.textContent ?? "Pas de notes.";
  one(".speech", desk).scrollTop = 0;
}

function two(number) {
  return String(Math.floor(number)).padStart(2, "0");
}

function tick() {
  if (layout() !== "notes") return;
  const now = new Date();
  const seconds = Math.max(0, (now - since) / 1000);
  one(".clock", desk).textContent = `${two(now.getHours())}:${two(now.getMinutes())}`;
  const hours = seconds >= 3600 ? `${Math.floor(seconds / 3600)}:` : "";
  one(".elapsed", desk).textContent = `${hours}${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}
