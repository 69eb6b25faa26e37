// Begin.

let resized;
addEventListener("resize", () => {
  scale();
  if (layout() !== "page") return;
  clearTimeout(resized);
  resized = setTimeout(() => redraw(), 150);
});
addEventListener("hashchange", () => {
  const rank = meant();
  if (rank !== null && rank !== at && layout() !== "page") go(rank);
});

// Charts take the width that they have now.
function redraw() {
  prepared.clear();
  return prepareAll();
}

// On paper a page is as wide as the paper.
addEventListener("beforeprint", () => {
  root.classList.add("printing");
  slides.forEach((slide) => (layout() === "page" ? drawAll(slide) : prepare(slide)));
});
addEventListener("afterprint", () => {
  root.classList.remove("printing");
  if (layout() === "page") redraw();
});

setInterval(tick, 500);
scale();
at = meant() ?? 0;

// On a telephone a page is easier to read, unless somebody shows the slides there in a frame.
const small = matchMedia("(max-width: 600px) and (pointer: coarse)").matches && window.parent === window;
following = true; // beginning is no move: it must not outdo the one that a person makes at the same moment
lay(location.hash.startsWith("#notes") ? "notes" : small ? "page" : root.dataset.wanted);
following = false;
tick();
tell({ hello: true });
