// Charts, drawn by plotly.js from the figures in the document. Their text is made for a height of their own: on the
// stage they are drawn in a smaller box, which is then scaled up, so that it can be read from afar.

const LEAST = 1.16; // 13 pixels become 15
const MOST = 1.9;
const NARROWEST = 300; // pixels of its own that a chart needs, where the stage can give them
const TALLEST = 1.35; // of its own height
const PANEL = 330; // pixels that each of several charts side by side needs on a page

let library;
const figures = new Map(); // the element of a chart → its figures, the one shown, the size drawn

function plotly() {
  library ??= settings.live ? loaded(settings.live.script) : unpacked(one("#plotly").textContent);
  return library;
}

function loaded(address) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: address });
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      library = undefined; // once the network is back, there is another try
      script.remove();
      reject(new Error("plotly.js"));
    };
    document.head.append(script);
  });
}

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const source = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(source).text();
  document.head.append(script);
  return window.Plotly;
}

const charts = (slide) => all(".chart", slide);

// The size in which a chart is drawn, and by how much it is scaled.
function room(plot, { height: wanted, panels }) {
  const width = plot.clientWidth;
  if (layout() === "page") {
    const needed = panels > 1 ? panels * PANEL : 0;
    const scale = root.classList.contains("printing") && width < needed ? width / needed : 1;
    return { width: Math.max(width / scale, needed), height: wanted, scale };
  }
  const height = plot.clientHeight;
  const scale = between(LEAST, Math.min(height / wanted, width / NARROWEST), MOST);
  return { width: width / scale, height: Math.min(height / scale, wanted * TALLEST), scale };
}

// By how many of its own pixels the words in a chart leave it at the right.
function beyond(target, scale) {
  const own = target.getBoundingClientRect();
  const unit = own.width / target.offsetWidth / scale || 1;
  return Math.max(0, ...all("text", target).map((text) => text.getBoundingClientRect().right - own.right)) / (unit * scale);
}

function hold(chart) {
  const [figure, ...frames] = JSON.parse(one(".data", chart).textContent);
  const target = document.createElement("div");
  one(".plot", chart).replaceChildren(target);
  const sides = Object.entries(figure.layout).filter(([name]) => /^xaxis\d*$/.test(name));
  const panels = new Set(sides.map(([, axis]) => axis.domain?.[0] ?? 0)).size;
  const held = { target, frames: frames.length ? frames : [figure], rank: Math.max(0, frames.length - 1), panels };
  figures.set(chart, held);
  return held;
}

// The place of charts that are about to be drawn on a page, so that nothing moves when they are.
function reserve() {
  for (const [chart, held] of figures) {
    one(".plot", chart).style.height = layout() === "page" ? `${held.frames.at(-1).layout.height}px` : "";
  }
}

// Draw a chart as it is at one of its moments, the last one to begin with, unless it is there in that size already.
// One drawing after the other: of two at the same time, Plotly may never end the first.
const drawings = new Map();

function draw(chart, rank) {
  const done = (drawings.get(chart) ?? Promise.resolve()).then(() => drawn(chart, rank));
  drawings.set(chart, done.catch(() => {}));
  return done;
}

async function drawn(chart, rank) {
  const Plotly = await plotly();
  const plot = one(".plot", chart);
  const held = figures.get(chart) ?? hold(chart);
  held.rank = rank ?? held.rank;
  const { target } = held;
  const figure = held.frames[held.rank];
  const height = held.frames.at(-1).layout.height;
  const paint = async ({ width, height, scale }) => {
    Object.assign(target.style, { width: `${width}px`, height: `${height}px`, transform: `scale(${scale})` });
    plot.style.height = layout() === "page" ? `${height * scale}px` : "";
    const placed = { ...figure.layout, template: settings.template, width, height, dragmode: false };
    await Plotly.react(target, figure.data, placed, settings.config);
  };
  const size = room(plot, { height, panels: held.panels });
  const wanted = JSON.stringify([held.rank, layout(), size]);
  if (size.width < 50 || held.drawn === wanted) return;
  held.drawn = wanted;
  await paint(size);
  const more = beyond(target, size.scale);
  if (more < 1 || held.drawn !== wanted) return;
  // Its words need more room: the same place holds more when it is scaled less.
  const smaller = Math.max(size.scale * (size.width / (size.width + more + 4)), layout() === "page" ? 0.6 : LEAST);
  const by = size.scale / smaller;
  await paint({ width: size.width * by, height: layout() === "page" ? size.height : size.height * by, scale: smaller });
}

// A chart that can't be drawn is said in words instead, and its table holds its figures.
async function drawAll(slide) {
  for (const chart of charts(slide)) {
    try {
      await draw(chart);
      chart.classList.remove("undrawn");
    } catch {
      chart.classList.add("undrawn");
    }
  }
}

// Players: a chart or a map at its moments ---------------------------------------------------------------------------

const playing = new Map(); // the element of a player → its timer

function player(slide) {
  return one(".player", slide);
}

function show(visual, rank) {
  const bar = one(".player", visual);
  const slider = one("input", bar);
  const label = one(".labels", bar).content.children[rank].textContent;
  slider.value = rank;
  slider.setAttribute("aria-valuetext", label);
  const said = one("output", bar);
  said.textContent = label;
  said.dataset.last = one(".labels", bar).content.lastElementChild.textContent;
  // The sentences are those of the last moment, whatever the chart is at.
  visual.closest(".slide").classList.toggle("is-past", rank < slider.max);
  if (visual.classList.contains("chart")) return draw(visual, rank);
  picture(visual, rank);
}

function step(bar, by) {
  const slider = one("input", bar);
  const rank = Number(slider.value) + by;
  if (rank < 0 || rank > Number(slider.max)) return false;
  show(bar.closest(".visual"), rank);
  moved(bar);
  return true;
}

function pause(bar) {
  clearInterval(playing.get(bar));
  playing.delete(bar);
  one(".play", bar).textContent = "▶";
  one(".play", bar).setAttribute("aria-label", "Lire");
}

function play(bar) {
  const slider = one("input", bar);
  if (slider.value === slider.max) step(bar, -Number(slider.max));
  one(".play", bar).textContent = "❚❚";
  one(".play", bar).setAttribute("aria-label", "Pause");
  playing.set(bar, setInterval(() => step(bar, 1) || pause(bar), 1000));
}

// As it is when a person comes to the slide: what its sentences say.
function latest(slide) {
  for (const bar of all(".player", slide)) {
    const slider = one("input", bar);
    if (slider.value !== slider.max) show(bar.closest(".visual"), Number(slider.max));
  }
}

function pauseAll() {
  for (const bar of [...playing.keys()]) pause(bar);
}

for (const bar of all(".player")) {
  const slider = one("input", bar);
  one(".play", bar).addEventListener("click", () => (playing.has(bar) ? pause(bar) : play(bar)));
  slider.addEventListener("input", () => {
    pause(bar);
    show(bar.closest(".visual"), Number(slider.value));
    moved(bar);
  });
  // The keys of who moved it with the mouse are for the slides again.
  slider.addEventListener("pointerup", () => slider.blur());
}
