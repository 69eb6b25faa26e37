"""Take the pictures of the README and the guide: every page that has something to show (`make screenshots`).

Needs Chromium and the test requirements. Pages are found in the frame's own navigation.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from rich.progress import track

from tests.browser import ROOT, Visit, find_chromium, open_browser, serve

PICTURES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1366, 900
_EMPTY = {"/journal"}  # nothing was done yet


def main() -> int:
    executable = find_chromium()
    if executable is None:
        print("Chromium manque : apt-get install chromium", file=sys.stderr)
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, serve(Path(folder) / "server.log") as url, open_browser(executable) as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="fr-FR")
        visit = Visit(page)
        visit.goto(url)
        links = page.locator(".st-key-navigation a").evaluate_all("links => links.map(link => link.href)")
        for link in track([each for each in links if urlsplit(each).path not in _EMPTY], "Captures d’écran"):
            visit.goto(link)
            page.wait_for_timeout(1500)  # maps draw after their element is there
            for deck in page.frames[1:]:
                deck.locator(".slide.is-now").wait_for()
            page.screenshot(path=PICTURES / f"{urlsplit(link).path.strip('/') or 'vue-d-ensemble'}.png")
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(f"{url}/presentation/ecran?region=76#3")
        page.locator(".slide.is-now .plot svg").first.wait_for()
        page.screenshot(path=PICTURES / "diapositive.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
