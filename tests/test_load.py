"""The load generator does what a browser does, and its peers show what sunes shows."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import pytest
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from benchmarks.peers import figures
from benchmarks.streamlit_client import Viewer
from sunes import engine, metrics
from sunes.access.people import EVERYTHING
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.view import View


def started() -> ForwardMsg:
    message = ForwardMsg()
    message.new_session.page_script_hash = message.new_session.main_script_hash = "main"
    message.new_session.config.max_cached_message_age = 2
    return message


def finished(status: ForwardMsg.ScriptFinishedStatus.ValueType = ForwardMsg.FINISHED_SUCCESSFULLY) -> ForwardMsg:
    return ForwardMsg(script_finished=status)


def multiselect(label: str, fragment: str = "") -> ForwardMsg:
    message = ForwardMsg(hash=f"hash of {label}")
    message.metadata.active_script_hash = "main"
    message.delta.fragment_id = fragment
    drawn = message.delta.new_element.multiselect
    drawn.id, drawn.label = f"id of {label}", label
    drawn.options.extend(("Occitanie", "Île-de-France"))
    return message


def large(message: ForwardMsg) -> ForwardMsg:
    message.metadata.cacheable = True
    return message


def visit(
    answers: Sequence[Sequence[ForwardMsg]], script: Callable[[Viewer], Awaitable[None]], asked: list[ClientState]
) -> None:
    """Run a script of a viewer against a server that gives each request one of the answers, then closes the door."""

    async def answer(socket: ServerConnection) -> None:
        for messages in answers:
            request = await socket.recv()
            assert isinstance(request, bytes)
            asked.append(BackMsg.FromString(request).rerun_script)
            for message in messages:
                await socket.send(message.SerializeToString())
        with suppress(ConnectionClosed):
            await socket.recv()  # one request too many, or the viewer leaves

    async def run() -> None:
        async with serve(answer, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with Viewer(f"http://127.0.0.1:{port}") as viewer:
                await script(viewer)

    asyncio.run(run())


def test_a_large_element_is_held_as_long_as_the_browser_holds_it() -> None:
    reference = ForwardMsg(ref_hash="hash of Régions")
    asked: list[ClientState] = []

    async def script(viewer: Viewer) -> None:
        for shown in (0, 1, 0, 0, 0, 0):
            rerun = await viewer.open()
            assert (rerun.errors, rerun.references) == ((), shown)
            assert ("Régions" in viewer.widgets) is (len(asked) < 3)

    answers = [[started(), large(multiselect("Régions")), finished()], [started(), reference, finished()]]
    visit([*answers, *[[started(), finished()]] * 4], script, asked)
    assert [list(each.cached_message_hashes) for each in asked] == [[], *[["hash of Régions"]] * 3, [], []]


def test_a_reference_to_what_is_not_held_is_an_error() -> None:
    async def script(viewer: Viewer) -> None:
        assert (await viewer.open()).errors == ("the server sent a reference to what the viewer does not hold",)

    visit([[started(), ForwardMsg(ref_hash="unknown"), finished()]], script, [])


def test_what_went_wrong_on_the_page_is_told() -> None:
    trace, alert, notice = ForwardMsg(), ForwardMsg(), ForwardMsg()
    trace.delta.new_element.exception.type, trace.delta.new_element.exception.message = "KeyError", "76"
    alert.delta.new_element.alert.body, alert.delta.new_element.alert.format = "Endommagée.", Alert.ERROR
    notice.delta.new_element.alert.body, notice.delta.new_element.alert.format = "Rien.", Alert.INFO

    async def script(viewer: Viewer) -> None:
        assert (await viewer.open()).errors == ("KeyError: 76", "Endommagée.")
        assert (await viewer.open()).errors == ("the script could not be compiled",)
        assert "ConnectionClosed" in (await viewer.open()).errors[0]
        assert not viewer.connected

    broken = finished(ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
    visit([[started(), trace, alert, notice, finished()], [started(), broken]], script, [])


def test_a_run_that_gave_way_to_another_is_not_the_end() -> None:
    async def script(viewer: Viewer) -> None:
        rerun = await viewer.open("regions", "region=76")
        assert rerun.messages == 5
        assert "Volet" in viewer.widgets

    first = [started(), finished(ForwardMsg.FINISHED_EARLY_FOR_RERUN)]
    asked: list[ClientState] = []
    visit([[*first, started(), multiselect("Volet"), finished()]], script, asked)
    assert (asked[0].page_name, asked[0].query_string) == ("regions", "region=76")


def test_a_choice_travels_with_the_other_widgets_and_reruns_its_fragment_only() -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.open()
        await viewer.choose("Depuis", ["Occitanie"])
        assert list(viewer.widgets) == ["Régions", "Depuis"]

    depuis = multiselect("Depuis", fragment="part")
    asked: list[ClientState] = []
    visit(
        [
            [started(), multiselect("Régions"), depuis, finished()],
            [depuis, finished(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)],
        ],
        script,
        asked,
    )
    states = {each.id: list(each.string_array_value.data) for each in asked[1].widget_states.widgets}
    assert states == {"id of Régions": [], "id of Depuis": ["Occitanie"]}
    assert asked[1].fragment_id == "part"


@pytest.mark.parametrize(
    "view",
    [
        View(snapshot="2024-06-30"),
        View(snapshot="2023-05-31", regions=("76",), volet="mss", windows=(2, 3), legal_statuses=("public",)),
    ],
)
def test_the_peers_show_the_figures_of_sunes(view: View) -> None:
    programme, store = load_programme(), Store.default()
    chosen = store.resolve(view.snapshot)
    day = chosen.as_of.isoformat()
    tables = figures.load(days=[day])
    kept = figures.select(tables, day, view.regions, (), view.volet, view.windows, view.legal_statuses)
    names = ("eligible", "applicants", "accepted", "evaluated", "attained", "attainment_rate", "target_rate")
    theirs = figures.counts(kept, ["region_code", "volet"]).rename(columns={"gap": "gap_establishments"})
    answer = metrics.answer(engine.frames([chosen], EVERYTHING), view, ("region", "volet"), programme=programme)
    assert {
        (row["region_code"], row["volet"]): [row[name] for name in (*names, "gap_establishments")]
        for row in theirs.to_dict("records")
    } == {(row["region"], row["volet"]): [row[name] for name in (*names, "gap_establishments")] for row in answer.rows}
