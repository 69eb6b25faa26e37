// What lies over the slides: help, tables, the large QR code, the black screen.

function toggle(dialog) {
  if (dialog.open) return dialog.close();
  one("dialog[open]")?.close();
  dialog.showModal();
  (one("[tabindex]", dialog) ?? one("[data-do=close]", dialog)).focus();
}

function tables() {
  const dialog = one("#tables");
  const found = all("table", slides[at]).map((table) => {
    const copy = table.cloneNode(true);
    for (const row of all(".beyond", copy)) row.classList.remove("beyond");
    return copy;
  });
  const nothing = Object.assign(document.createElement("p"), { textContent: "Cette diapositive n’a pas de tableau." });
  one(".rows", dialog).replaceChildren(...(found.length ? found : [nothing]));
  toggle(dialog);
}

function code() {
  const dialog = one("#code");
  const qr = one(".qr", slides[at]);
  if (!qr) return;
  const address = Object.assign(document.createElement("p"), { textContent: qr.href });
  one(".large", dialog).replaceChildren(one("svg", qr).cloneNode(true), address);
  toggle(dialog);
}

function black(on = one("#black").hidden) {
  if (on === !one("#black").hidden) return;
  one("#black").hidden = !on;
  one(".black-said").hidden = !on;
  if (on) one(".aloud").textContent = "Écran noir";
  told();
}

function full() {
  if (document.fullscreenElement) document.exitFullscreen();
  else root.requestFullscreen?.().catch(() => {});
}

for (const dialog of all("dialog")) {
  // A click beside it closes it.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

const DO = {
  previous: () => go(at - 1),
  next: () => go(at + 1),
  help: () => toggle(one("#help")),
  close: () => one("dialog[open]")?.close(),
  full,
  notes: () => (one("dialog[open]")?.close(), openNotes()),
  page: () => (one("dialog[open]")?.close(), lay("page")),
  deck: () => {
    at = firstSeen();
    lay("deck");
  },
  print: async () => {
    one("dialog[open]")?.close();
    for (const slide of slides) await prepare(slide);
    print();
  },
  reset: () => (since = Date.now()),
};

document.addEventListener("click", (event) => DO[event.target.closest("[data-do]")?.dataset.do]?.());
