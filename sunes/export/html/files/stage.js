// Which slide is shown, and where.

let at = 0;
const prepared = new Map(); // a slide → when its text is fitted, and its charts are drawn, in this layout

function prepare(slide) {
  if (!prepared.has(slide)) {
    fit(slide);
    prepared.set(slide, drawAll(slide).then(() => reach(slide)));
  }
  return prepared.get(slide);
}

// What is wider than its place on a page can be reached and moved by keyboard.
function reach(slide) {
  for (const part of all(".plot, .map", slide)) {
    if (layout() === "page" && part.scrollWidth > part.clientWidth + 1) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}

// The slide shown first, the next one, then the others when there is time.
let turns = 0;

async function prepareAll() {
  const turn = ++turns;
  await prepare(slides[at]);
  const order = [...slides.slice(at + 1), ...slides.slice(0, at).reverse()];
  for (const slide of order) {
    if (turn !== turns) return; // there was a move or another layout, which began again
    await new Promise((resolve) => later(resolve));
    await prepare(slide);
  }
  if (turn !== turns) return;
  root.dataset.ready = layout();
}

function go(to, { said = true } = {}) {
  const before = at;
  at = between(0, to, slides.length - 1);
  pauseAll();
  if (at !== before) latest(slides[before]);
  place();
  const hash = layout() === "notes" ? `#notes-${at + 1}` : `#${at + 1}`;
  if (layout() !== "page" && location.hash !== hash) history.replaceState(null, "", hash);
  if (said) one(".aloud").textContent = `Diapositive ${slides[at].getAttribute("aria-label")}`;
  prepareAll();
  told();
}

function place() {
  slides.forEach((slide, rank) => {
    slide.classList.toggle("is-now", rank === at);
    slide.classList.toggle("is-next", rank === at + 1);
    slide.inert = layout() !== "page" && (rank !== at || layout() === "notes");
  });
  one(".controls [data-do=previous]").disabled = at === 0;
  one(".controls [data-do=next]").disabled = at === slides.length - 1;
  root.classList.toggle("is-last", at === slides.length - 1);
  if (layout() === "notes") notes();
}

// How large the stage is in the window and, on the presenter's desk, the slide that is shown and the next one.
function scale() {
  const size = Math.min(innerWidth / WIDTH, innerHeight / HEIGHT);
  const now = Math.min((0.52 * innerWidth) / WIDTH, (0.48 * innerHeight) / HEIGHT);
  const set = (name, value) => root.style.setProperty(name, value);
  set("--scale", size);
  set("--left", `${(innerWidth - WIDTH * size) / 2}px`);
  set("--top", `${(innerHeight - HEIGHT * size) / 2}px`);
  set("--now", now);
  set("--next", 0.72 * now);
}

// What paper each layout is printed on.
const PAPER = { page: "size: A4 portrait; margin: 14mm", deck: `size: ${WIDTH}px ${HEIGHT}px; margin: 0` };

function lay(name) {
  root.dataset.layout = name;
  delete root.dataset.ready;
  prepared.clear();
  one("#paper").textContent = `@page { ${PAPER[name] ?? PAPER.deck}; }`;
  for (const details of all(".twin")) details.open = name !== "page";
  reserve();
  go(at, { said: false });
  scrollTo(0, 0);
  if (name === "page" && at) slides[at].scrollIntoView();
}

function firstSeen() {
  const seen = slides.findIndex((slide) => slide.getBoundingClientRect().bottom > innerHeight / 3);
  return seen < 0 ? at : seen;
}

// The slide that an address means: « #7 », « #notes-7 », « #region-76 ».
function meant() {
  const hash = decodeURIComponent(location.hash.slice(1));
  const number = hash.match(/^(?:notes-?)?(\d+)$/)?.[1];
  const rank = number ? number - 1 : slides.findIndex((slide) => slide.id === hash);
  return rank >= 0 && rank < slides.length ? rank : null;
}

// Keys ---------------------------------------------------------------------------------------------------------------

let digits = "";

function type(digit) {
  digits = digit && (digits + digit).slice(-3);
  const typed = one(".typed");
  typed.textContent = digits;
  typed.hidden = !digits;
}

// Through the moments of the slide's chart or map; false where there is none.
function through(by) {
  const bar = player(slides[at]);
  if (!bar) return false;
  pauseAll();
  step(bar, by);
}

const KEYS = {
  ArrowRight: () => go(at + 1),
  PageDown: () => go(at + 1),
  ArrowLeft: () => go(at - 1),
  PageUp: () => go(at - 1),
  Home: () => go(0),
  End: () => go(slides.length - 1),
  ArrowUp: () => through(-1),
  ArrowDown: () => through(1),
  " ": (event) => go(at + (event.shiftKey ? -1 : 1)),
  Enter: () => digits && go(digits - 1),
  Escape: () => black(false),
  f: () => full(),
  b: () => black(),
  ".": () => black(),
  t: () => tables(),
  q: () => code(),
  "?": () => toggle(one("#help")),
  n: () => openNotes(),
  p: () => openNotes(),
};

const WRITING = "input, textarea, select, [contenteditable]";

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || layout() === "page") return;
  const target = event.target instanceof Element ? event.target : document.body;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const open = one("dialog[open]");
  if (open) {
    // What opened it closes it.
    if ({ t: "tables", q: "code", "?": "help" }[key] !== open.id) return;
  } else if (target.matches(WRITING) || ((key === " " || (key === "Enter" && !digits)) && target.closest("button, a, summary"))) {
    return;
  }
  // By their place: on a French keyboard, the digits of the upper row come with the shift key only.
  const digit = event.code.match(/^(?:Digit|Numpad)(\d)$/)?.[1];
  if (digit && !open) {
    type(digit);
  } else if (key in KEYS) {
    const done = KEYS[key](event);
    type("");
    if (done === false) return;
  } else {
    return;
  }
  event.preventDefault();
});

let touched;
addEventListener("touchstart", (event) => (touched = event.touches.length === 1 && !event.target.closest("input") && event.touches[0]), { passive: true });
addEventListener(
  "touchend",
  (event) => {
    if (!touched || layout() === "page" || one("dialog[open]")) return;
    const across = event.changedTouches[0].clientX - touched.clientX;
    const down = event.changedTouches[0].clientY - touched.clientY;
    if (Math.abs(across) > 60 && Math.abs(across) > 2 * Math.abs(down)) go(at + (across < 0 ? 1 : -1));
  },
  { passive: true },
);
