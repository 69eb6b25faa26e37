"""Fixtures that need a running server, a browser or Java."""

import json
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser
from plotly.io import to_json
from streamlit import config

from sunes import cluster
from sunes.figures.sketch import Drawn, Sketch
from tests.browser import Visit, find_chromium, open_browser, serve


@pytest.fixture(scope="session", autouse=True)
def plotly_checks_every_figure() -> Iterator[None]:
    """Nobody who waits for a figure waits for Plotly to check it: here, each one that is drawn is what Plotly makes
    of it, down to the last character.
    """
    draw = Sketch.drawn

    def drawn(sketch: Sketch) -> Drawn:
        figure = draw(sketch)
        parts, checked = (json.loads(to_json(each, validate=False)) for each in (figure.to_dict(), figure.checked))
        checked["layout"].pop("template", None)
        assert parts == checked
        return figure

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sketch, "drawn", drawn)
        yield


@pytest.fixture(autouse=True)
def no_server_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once an application was started in this process, Streamlit says so for ever: nobody would be at home again."""
    monkeypatch.setattr(config, "_server_mode", None)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application, served with the embedded data."""
    with serve(tmp_path_factory.mktemp("site") / "server.log") as url:
        yield url


@pytest.fixture(scope="module")  # not the session: while it is open, no other test can run an event loop
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("Chromium is not installed: what only a browser shows can't be checked (apt-get install chromium)")
    with open_browser(executable) as chromium:
        yield chromium


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open an address as a person with a French browser would: `visit(url, scheme="dark", width=390, height=844)`."""
    contexts = []

    def visit(url: str, scheme: Literal["light", "dark"] = "light", width: int = 1366, height: int = 768) -> Visit:
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": height}, locale="fr-FR", timezone_id="Europe/Paris"
        )
        contexts.append(context)
        opened = Visit(context.new_page())
        opened.goto(url)
        return opened

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def spark() -> Iterator[None]:
    """A Spark session on one core, made for questions about a handful of rows; `cluster.spark` finds it."""
    if cluster.java() is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("Java is not installed: Spark can't be checked (apt-get install openjdk-17-jre-headless)")
    few_rows: cluster.Settings = {
        "spark.master": "local[1]",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": f"{cluster.QUIET} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.shuffle.partitions": 1,
        "spark.sql.adaptive.enabled": False,
        "spark.sql.codegen.wholeStage": False,
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    with warnings.catch_warnings():
        # Of libraries that Spark's Python part imports; nothing of ours goes through them.
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        session = cluster.start(few_rows)
    yield
    session.stop()
