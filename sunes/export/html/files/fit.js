// Text that is longer than a slide has room for is set smaller, down to what can still be read from afar; a table that
// is still too long then shows its first rows, and says how many more there are.

const FITS = [1, 0.94, 0.88, 0.82, 0.76, 0.7];

const tooLarge = (slide) =>
  slide.scrollHeight > HEIGHT ||
  slide.scrollWidth > WIDTH ||
  all(".head, .said, .body, .visuals, .visual, .list", slide).some((part) => part.scrollHeight > part.clientHeight + 1);

function fit(slide) {
  if (slide.dataset.fit || layout() === "page") return;
  for (const size of FITS) {
    slide.style.setProperty("--title", size);
    const title = one("h1", slide);
    if (title.clientHeight <= 2.6 * parseFloat(getComputedStyle(title).fontSize)) break;
  }
  let least = 1;
  for (const size of FITS) {
    slide.style.setProperty("--fit", (least = size));
    if (!tooLarge(slide)) break;
  }
  if (tooLarge(slide)) all(".list", slide).forEach(shorten);
  slide.classList.toggle("is-tight", tooLarge(slide));
  slide.dataset.fit = least;
}

function shorten(list) {
  const rows = all("tbody tr", list);
  const more = Object.assign(document.createElement("p"), { className: "more" });
  list.append(more);
  let hidden = 0;
  while (list.scrollHeight > list.clientHeight + 1 && rows.length - hidden > 1) {
    hidden += 1;
    rows.at(-hidden).classList.add("beyond");
    more.textContent = `${hidden > 1 ? `et ${hidden} autres lignes` : "et une autre ligne"} (touche T)`;
  }
}
