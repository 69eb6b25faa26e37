// Maps: their colours at each moment, and words over them that are large enough to be read.

const tip = one("#tip");

function picture(visual, rank) {
  visual.moments ??= JSON.parse(one(".data", visual).textContent);
  const { fills, marks, said, counts } = visual.moments[rank];
  each("department", fills, visual, (path, colour) => path.setAttribute("fill", colour));
  each("department", said, visual, (path, words) => (path.dataset.said = words));
  each("count", counts, visual, (text, count) => (text.textContent = count));
  each("finess", marks, visual, (mark, symbol) => {
    if (!symbol) return mark.removeAttribute("href");
    mark.setAttribute("href", `#${symbol}`);
    const state = document.getElementById(symbol)?.dataset.label;
    if (state && mark.dataset.said) mark.dataset.said = [...mark.dataset.said.split("\n").slice(0, -1), state].join("\n");
  });
}

function each(name, values, within, change) {
  for (const element of all(`[data-${name}]`, within)) {
    const key = element.dataset[name];
    if (key in values) change(element, values[key]);
  }
}

// The browser would show the titles of an SVG itself, too small and too late.
for (const title of all(".map svg title")) {
  if (title.parentNode.localName !== "svg") title.parentNode.dataset.said = title.textContent;
  title.remove();
}

document.addEventListener("pointermove", (event) => {
  const said = event.target.closest?.(".map [data-said]")?.dataset.said;
  tip.hidden = !said;
  if (!said) return;
  tip.textContent = said;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${between(8, event.clientX + 16, innerWidth - width - 8)}px`;
  tip.style.top = `${event.clientY + height + 24 > innerHeight ? event.clientY - height - 12 : event.clientY + 16}px`;
});
