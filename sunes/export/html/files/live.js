// A document that is served asks every half minute whether the network is there and whether newer data exist. No figure
// ever changes.

const EVERY = 30_000;
const newer = one(".newer");

function connected(is) {
  one(".sign.offline").textContent = is ? "" : "Réseau coupé";
}

function news(said) {
  newer.hidden = !said || newer.dataset.closed === said;
  one("span", newer).textContent = said;
  one(".news").textContent = said;
}

async function ask() {
  try {
    if (!navigator.onLine) throw new Error("offline");
    const answer = await fetch(settings.live.status, { cache: "no-store", signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(answer.statusText);
    const { said = "" } = await answer.json();
    connected(true);
    news(String(said));
    if (one(".undrawn")) {
      prepared.clear();
      prepareAll();
    }
  } catch {
    connected(false);
  }
}

if (settings.live) {
  setInterval(ask, EVERY);
  addEventListener("online", ask);
  addEventListener("offline", ask);
  one(".close", newer).addEventListener("click", () => {
    newer.dataset.closed = one("span", newer).textContent;
    newer.hidden = true;
  });
  ask();
}
