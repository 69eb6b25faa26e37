"""What all sessions share is made once, however many ask at a time, and is what would be made for one alone."""

import json
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from threading import Barrier, Event
from types import SimpleNamespace
from typing import Any

import plotly.graph_objects as go
import pytest
from plotly.io import to_json
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.testing.v1 import AppTest

from sunes import engine, limits
from sunes.access.people import EVERYTHING
from sunes.definitions import load_definitions
from sunes.figures import attainment, history, stamp, variation
from sunes.figures import comparison as compared
from sunes.figures.finished import Finished
from sunes.figures.palette import MAP_DARK, MAP_LIGHT, MapPalette
from sunes.figures.sketch import Drawn
from sunes.insights import comparison, steps
from sunes.insights import variation as spreads
from sunes.maps import deck, frames, places
from sunes.metrics import Answer, ask
from sunes.programme import load_programme
from sunes.roster import roster
from sunes.snapshots import DATA, Store
from sunes.ui import data, turns
from sunes.ui.shared import Shelf
from sunes.view import View

PROGRAMME = load_programme()
STORE = Store(DATA)
RATES = {rate.id: rate for rate in comparison.rates(View(), PROGRAMME, load_definitions())}
MANY = 8


class Counted:
    """Makes a new thing at each call, and knows how often it was called."""

    def __init__(self) -> None:
        self.made: list[object] = []

    def __call__(self) -> object:
        self.made.append(object())
        return self.made[-1]


# The shelf -----------------------------------------------------------------------------------------------------------


def all_at_once(shelf: Shelf, make: Callable[[], object], go: Event) -> list[Future[object]]:
    """MANY threads ask for one thing, which `make` can't finish before all have asked: `go` is set then."""
    at_the_door = Barrier(MANY + 1)

    def ask() -> object:
        at_the_door.wait(30)
        return shelf.get("key", make)

    with ThreadPoolExecutor(MANY) as threads:
        asking = [threads.submit(ask) for _ in range(MANY)]
        at_the_door.wait(30)
        go.set()
    return asking


def test_who_asks_while_a_thing_is_made_waits_for_it() -> None:
    shelf, go, make = Shelf(3), Event(), Counted()

    def slow() -> object:
        assert go.wait(30)
        return make()

    found = {asked.result(30) for asked in all_at_once(shelf, slow, go)}
    assert found == set(make.made)
    assert len(make.made) == 1


def test_an_error_reaches_all_that_wait_and_the_next_one_tries_again() -> None:
    shelf, go, tried = Shelf(3), Event(), Counted()

    def fail() -> object:
        assert go.wait(30)
        tried()
        raise ValueError("damaged")

    for asked in all_at_once(shelf, fail, go):
        with pytest.raises(ValueError, match="damaged"):
            asked.result(30)
    before = len(tried.made)  # who came after the error has tried for itself
    assert 1 <= before <= MANY
    assert shelf.get("key", lambda: "sound") == "sound"
    assert shelf.get("key", fail) == "sound"
    assert len(tried.made) == before


def test_what_stops_a_run_is_no_thing_to_keep() -> None:
    """Streamlit stops a run by exceptions of its own, which derive from BaseException."""
    shelf = Shelf(3)

    def stopped() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shelf.get("key", stopped)
    assert shelf.get("key", lambda: "made") == "made"


def test_nothing_is_a_thing_too() -> None:
    shelf, made = Shelf(3), Counted()

    def nothing() -> None:
        made()

    assert [shelf.get("key", nothing) for _ in range(3)] == [None] * 3
    assert len(made.made) == 1


def test_one_thing_may_need_others_of_the_same_shelf() -> None:
    shelf = Shelf(1)
    assert shelf.get("sum", lambda: shelf.get("a", lambda: 1) + shelf.get("b", lambda: 2)) == 3


def test_the_one_that_nobody_asked_for_the_longest_goes_first() -> None:
    shelf, make = Shelf(2), Counted()
    first, second = shelf.get("first", make), shelf.get("second", make)
    assert shelf.get("first", make) is first
    third = shelf.get("third", make)
    assert shelf.get("first", make) is first
    assert shelf.get("third", make) is third
    assert shelf.get("second", make) is not second
    assert len(make.made) == 4


def test_no_more_is_kept_than_there_is_room_for() -> None:
    shelf, make = Shelf(3), Counted()
    for key in range(10):
        shelf.get(key, make)
    for key in (7, 8, 9):
        assert shelf.get(key, make) is make.made[key]
    assert len(make.made) == 10


def test_who_waits_for_a_thing_gets_it_even_if_it_has_no_place_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_SECONDS", 0.01)  # both are being made at the same time
    shelf, begun, go = Shelf(1), Event(), Event()

    def slow() -> str:
        begun.set()
        assert go.wait(30)
        return "slow"

    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(shelf.get, "slow", slow)
        assert begun.wait(30)
        assert shelf.get("other", lambda: "other") == "other"
        go.set()
        assert asked.result(30) == "slow"
    assert shelf.get("slow", lambda: "made anew") == "slow"


# Figures -------------------------------------------------------------------------------------------------------------


def asked(*by: str, **filters: Any) -> Answer:
    return ask(STORE, View(**filters), by, programme=PROGRAMME)


def spread() -> spreads.Spread:
    rate = RATES["participation_rate"]
    departments = comparison.standings(rate, asked("region", "department"), PROGRAMME)
    return spreads.spread(rate, comparison.overall(rate, asked()), departments)


FIGURES: dict[str, Callable[[], Drawn]] = {
    "bullets": lambda: attainment.bullets(asked("volet", regions=("76",)), PROGRAMME),
    "trend": lambda: history.trend(
        asked("snapshot", regions=("76",)), asked("snapshot", "volet", regions=("76",)), PROGRAMME
    ),
    "steps": lambda: compared.bars(steps.steps(asked().row(), asked("volet"), PROGRAMME)),
    "funnel": lambda: variation.funnel(spread()),
    "strip": lambda: variation.strip(spread()),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_finished_figure_is_the_figure(name: str) -> None:
    figure = FIGURES[name]()
    for parts in (figure.to_dict(), stamp.stamped(figure, date(2024, 6, 30), True)):
        sent = json.loads(to_json(Finished(parts), validate=False, engine="orjson"))
        theirs = json.loads(to_json(go.Figure(parts), validate=False, engine="orjson"))
        # Of what Plotly says of all figures, what it says of all traces is left out: no word of it is about ours.
        assert sent["layout"]["template"] == {"layout": theirs["layout"]["template"]["layout"]}
        sent["layout"]["template"] = theirs["layout"]["template"]
        assert sent == theirs
    assert sent["data"]


def test_a_finished_figure_stays_as_it_is_whoever_shows_it() -> None:
    finished = Finished(FIGURES["bullets"]().to_dict())
    before = to_json(finished, validate=False)
    parts = finished.to_dict()
    parts["layout"]["title"] = "changed"
    parts["data"][0]["x"] = []
    parts["data"].clear()
    assert to_json(finished, validate=False) == before


def showing() -> None:
    import streamlit as st

    from sunes.figures.finished import Finished
    from tests.test_shared import FIGURES

    figure = FIGURES["bullets"]()
    st.plotly_chart(figure.checked, key="theirs", on_select="rerun")
    st.plotly_chart(Finished(figure.to_dict()), key="ours", on_select="rerun")
    st.plotly_chart(Finished(figure.to_dict()), key="still")


def test_a_page_shows_a_finished_figure_as_any_other() -> None:
    page = AppTest.from_function(showing, default_timeout=60).run()
    assert not page.exception
    theirs, ours, still = (chart.proto for chart in page.get("plotly_chart"))
    expected, sent = json.loads(theirs.spec), json.loads(ours.spec)
    assert sent["layout"].pop("template")["layout"] == expected["layout"].pop("template")["layout"]
    assert sent == expected
    assert ours.spec == still.spec
    assert (ours.theme, ours.config) == (theirs.theme, theirs.config)
    assert [bool(chart.id) for chart in (theirs, ours, still)] == [True, True, bool(still.id)]


def test_what_streamlit_asks_a_figure_for_is_still_there() -> None:
    """How tall it is: a finished one must not be stretched to the usual height."""
    wanted = {"height": 256, "width": 700, "title": {"text": "à l’œil"}}
    layout = Finished({"data": [], "layout": wanted}).to_dict()["layout"]
    assert (layout["height"], layout["width"]) == (256, 700)


# Questions that nobody asks any more ---------------------------------------------------------------------------------


def test_a_run_that_was_asked_for_something_else_wants_its_answer_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = ScriptRequests()
    run = SimpleNamespace(script_requests=requests)
    monkeypatch.setattr(data, "get_script_run_ctx", lambda **_: run)
    monkeypatch.setattr(engine, "SMALL", 0)
    snapshots = (Store(DATA).resolve(),)
    before = data._computed(snapshots, lambda _: limits.UNWANTED.get()())
    requests.request_rerun(RerunData())
    after = data._computed(snapshots, lambda _: limits.UNWANTED.get()())
    assert (before, after) == (False, True)
    assert limits.UNWANTED.get()() is False


# Maps ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("palette", [MAP_LIGHT, MAP_DARK], ids=["light", "dark"])
def test_a_finished_map_is_the_map(palette: MapPalette) -> None:
    view = View(regions=("76",))
    rate = RATES["attainment_rate-dmp"]
    answer = ask(STORE, view, ("region", "department", "volet"), programme=PROGRAMME).only(volet="dmp")
    lines = places.shown(roster(engine.frames([STORE.resolve()], EVERYTHING), view, PROGRAMME))
    rows = frames.arrange(frames.frames(["76"]), 900)
    layers = deck.layers(rate, answer, lines, PROGRAMME, rows, palette)
    for placed in (placed for row in rows for column in row for placed in column.placed):
        drawn = deck.deck(placed, layers)
        finished = drawn.finished()
        assert json.loads(finished.to_json()) == json.loads(drawn.to_json())
        assert finished._tooltip == drawn._tooltip
        assert re.search(r'"layers":\[\{', finished.to_json())
