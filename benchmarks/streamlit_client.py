"""A viewer without a browser: one session of a Streamlit application, in the protocol of Streamlit's own page.

One websocket (`/_stcore/stream`) carries protocol buffers both ways: a BackMsg asks for a run of the script,
ForwardMsgs bring what it draws, and `script_finished` ends it. What the browser does that costs the server something
is done here too: the state of the widgets on the screen goes along with every request, and so do the hashes of the
large elements that the viewer still holds (`cached_message_hashes`: of those that the server said to be cacheable,
which are elements of 10 kB or more, until two runs did not show them). In their place the server sends a reference of
some bytes. Nothing is drawn.

Streamlit compresses no websocket unless told to, so none is negotiated.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlsplit

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.protocol import State

OPEN = ("open",)

_COMPILE_ERROR = ForwardMsg.FINISHED_WITH_COMPILE_ERROR
_INTERRUPTED = ForwardMsg.FINISHED_EARLY_FOR_RERUN


@dataclass(frozen=True, slots=True)
class Rerun:
    """One run of the script, as its viewer saw it: from the click to the end of what the server sent."""

    seconds: float
    size: int
    messages: int
    references: int
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Widget:
    """A widget on the screen that lets one choose among options; `chosen` are some of them.

    A part of the page that runs the script when it is opened is one too: it is OPEN, or has nothing chosen.
    `script` drew it, within `fragment` if that is not empty: only that part of the page runs again when it changes.
    """

    id: str
    kind: str
    label: str
    options: tuple[str, ...]
    chosen: tuple[str, ...]
    script: str
    fragment: str


@dataclass(slots=True)
class _Held:
    """A large message that the viewer keeps: when and in which fragment it was last shown, and the widget in it."""

    run: int
    fragment: str
    widget: Widget | None


@dataclass
class Viewer:
    """A person in front of a page: opens an address, changes widgets, follows links, goes back.

    `pages` are the hashes of the application's pages by their path (`""` is the first), `widgets` those on the screen
    by their label, `query` is what the address says. All are as the server last told.
    """

    url: str
    session_id: str = ""
    pages: Mapping[str, str] = field(default_factory=dict)
    page: str = ""
    query: str = ""
    widgets: dict[str, Widget] = field(default_factory=dict)
    _socket: ClientConnection | None = None
    _hash: str = ""
    _frame: str = ""
    _address: str = ""
    _before: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _held: dict[str, _Held] = field(default_factory=dict)
    _runs: int = 0
    _longest: int = 2

    async def __aenter__(self) -> Self:
        split = urlsplit(self.url)
        address = f"{'wss' if split.scheme == 'https' else 'ws'}://{split.netloc}{split.path.rstrip('/')}"
        self._socket = await connect(
            f"{address}/_stcore/stream",
            compression=None,
            max_size=None,
            max_queue=None,  # a slow reader would be measured as a slow server
            ping_interval=None,
            open_timeout=120,
            proxy=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._socket is not None:
            await self._socket.close()

    @property
    def connected(self) -> bool:
        return self._socket is not None and self._socket.state is State.OPEN

    async def open(self, page: str = "", query: str = "") -> Rerun:
        """Open a page by its address."""
        self.page, self.query, self._hash, self._address = page, query, "", ""
        return await self._rerun(page_name=page)

    async def follow(self, page: str, query: str | None = None) -> Rerun:
        """Follow a link to a page, keeping the address's parameters or bringing others; KeyError if there is none."""
        self._hash, self.page = self.pages[page], page
        self.query = self.query if query is None else query
        self.widgets = self._of_the_frame()
        return await self._rerun()

    async def go_back(self, query: str) -> Rerun:
        """Go back (or forward) to what the page showed under other parameters."""
        self.query = query
        self.widgets = self._of_the_frame()
        return await self._rerun(is_history_navigation=True)

    def _of_the_frame(self) -> dict[str, Widget]:
        """The widgets of what is round every page: they keep their state on another one, where what was open is not."""
        return {
            label: each
            for label, each in self.widgets.items()
            if each.script == self._frame and each.kind not in _FOLDS
        }

    async def choose(self, label: str, options: Sequence[str]) -> Rerun:
        """Change what a widget says. Raises KeyError when no widget has this label."""
        widget = self.widgets[label]
        self.widgets[label] = replace(widget, chosen=tuple(options))
        return await self._rerun(fragment_id=widget.fragment, clicked=label)

    async def _rerun(self, fragment_id: str = "", clicked: str = "", **more: Any) -> Rerun:
        assert self._socket is not None
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string, state.page_script_hash, state.fragment_id = self.query, self._hash, fragment_id
        for name, value in more.items():
            setattr(state, name, value)
        for label, widget in self.widgets.items():
            if widget.kind in _FOLDS and not widget.chosen and label != clicked:
                continue
            told = state.widget_states.widgets.add(id=widget.id)
            if widget.kind in _FOLDS:
                told.bool_value = bool(widget.chosen)
            elif widget.kind == "selectbox":
                told.string_value = "".join(widget.chosen)
            else:
                told.string_array_value.data.extend(widget.chosen)
        state.cached_message_hashes.extend(self._held)
        state.context_info.timezone, state.context_info.timezone_offset = "Europe/Paris", -60
        state.context_info.locale, state.context_info.color_scheme = "fr-FR", "light"
        state.context_info.url = self._address or f"{self.url}/{self.page}"
        payload = asked.SerializeToString()
        self._before = {each.id: each.chosen for each in self.widgets.values()}
        kept = {label: each for label, each in self.widgets.items() if fragment_id and each.fragment != fragment_id}
        self.widgets = kept
        started = time.perf_counter()
        size = messages = references = 0
        errors: list[str] = []
        try:
            await self._socket.send(payload)
            while True:
                frame = await self._socket.recv()
                size, messages = size + len(frame), messages + 1
                message = ForwardMsg.FromString(frame)
                kind = message.WhichOneof("type")
                if kind == "script_finished" and message.script_finished != _INTERRUPTED:
                    if message.script_finished == _COMPILE_ERROR:
                        errors.append("the script could not be compiled")
                    break
                references += kind == "ref_hash"
                if error := self._take(message, kind):
                    errors.append(error)
        except (OSError, WebSocketException) as error:
            errors.append(f"{type(error).__name__}: {error}")
        taken = time.perf_counter() - started
        self._address = f"{self.url}/{self.page}"  # a link leads there once its page is drawn
        self._forget(fragment_id)
        return Rerun(taken, size, messages, references, tuple(errors))

    def _take(self, message: ForwardMsg, kind: str | None) -> str | None:
        """Keep of a message what the browser would need later; what is wrong with it, if anything."""
        if kind == "delta" and message.delta.WhichOneof("type") == "add_block":
            fold = message.delta.add_block.WhichOneof("type")
            part = _fold(fold, message) if fold in _FOLDS else None
            if part and part.id:
                self.widgets.setdefault(part.label, part)  # of several with one label, people take the first
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            drawn = element.WhichOneof("type")
            widget = self._widget(drawn, message) if drawn in _WIDGETS else None
            if widget:
                self.widgets[widget.label] = widget
            if message.metadata.cacheable:
                self._held[message.hash] = _Held(self._runs, message.delta.fragment_id, widget)
            if drawn == "exception":
                return f"{element.exception.type}: {element.exception.message}"
            if drawn == "alert" and element.alert.format == Alert.ERROR:
                return element.alert.body
        elif kind == "ref_hash":
            held = self._held.get(message.ref_hash)
            if held is None:
                return "the server sent a reference to what the viewer does not hold"
            held.run = self._runs
            if held.widget:
                self.widgets[held.widget.label] = held.widget
        elif kind == "new_session":
            self._hash, self._frame = message.new_session.page_script_hash, message.new_session.main_script_hash
            self.session_id = message.new_session.initialize.session_id
            self._longest = message.new_session.config.max_cached_message_age
        elif kind == "navigation":
            self.pages = {
                "" if page.is_default else page.url_pathname: page.page_script_hash
                for page in message.navigation.app_pages
            }
            self._hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "page_not_found":
            return "the page was not found"
        return None

    def _widget(self, kind: str, message: ForwardMsg) -> Widget:
        drawn = getattr(message.delta.new_element, kind)
        options = tuple(getattr(option, "content", option) for option in drawn.options)
        if kind == "selectbox":
            said = (drawn.raw_value,)
            default = (options[drawn.default],) if drawn.HasField("default") and options else ()
        else:
            said = tuple(drawn.raw_values)
            default = tuple(options[index] for index in drawn.default)
        # What somebody has chosen stays, unless the server says otherwise.
        chosen = said if drawn.set_value else self._before.get(drawn.id, default)
        return Widget(drawn.id, kind, drawn.label, options, chosen, *_place(message))

    def _forget(self, fragment_id: str) -> None:
        """Let go of large messages as the browser does: of those that the last runs (of their part) did not show."""
        self._runs += 1
        self._held = {
            key: held
            for key, held in self._held.items()
            if self._runs - held.run <= self._longest or (fragment_id and held.fragment != fragment_id)
        }


_WIDGETS = ("multiselect", "selectbox", "button_group")
_FOLDS = ("popover", "expandable")


def _fold(kind: str, message: ForwardMsg) -> Widget:
    drawn = getattr(message.delta.add_block, kind)
    is_open = drawn.open if kind == "popover" else drawn.expanded
    return Widget(drawn.id, kind, drawn.label, OPEN, OPEN if is_open else (), *_place(message))


def _place(message: ForwardMsg) -> tuple[str, str]:
    return message.metadata.active_script_hash, message.delta.fragment_id
