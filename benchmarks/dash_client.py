"""A viewer of the Dash peer, in the protocol of Dash's own page: what a widget changes is asked for by HTTP POST.

It has the same words as a Viewer of Streamlit, so that the same people can be sent to both. One person's click counts
until every callback that it sets off has answered, those that a new part of the page brings along included.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Self

import httpx2

from benchmarks.streamlit_client import Rerun, Widget

_DEPENDENCIES = "/_dash-dependencies"
_LAYOUT = "/_dash-layout"
_UPDATE = "/_dash-update-component"


@dataclass
class DashViewer:
    """A person in front of the Dash peer. `values` are the properties of its components by « id.property »."""

    url: str
    page: str = ""
    query: str = ""
    connected: bool = True
    widgets: dict[str, Widget] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    _callbacks: list[Mapping[str, Any]] = field(default_factory=list)
    _choices: dict[str, dict[str, Any]] = field(default_factory=dict)
    _inside: dict[str, list[str]] = field(default_factory=dict)
    _client: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._client = httpx2.AsyncClient(base_url=self.url, timeout=None, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def open(self, page: str = "", query: str = "") -> Rerun:
        """Open a page by its address: the document, what Dash says of itself, then every callback."""
        assert self._client is not None
        started, size = time.perf_counter(), 0
        for path in (f"/{page}", _LAYOUT, _DEPENDENCIES):
            answer = await self._client.get(path)
            answer.raise_for_status()
            size += len(answer.content)
            if path == _LAYOUT:
                self._find(answer.json())
            elif path == _DEPENDENCIES:
                self._callbacks = answer.json()
        self.page, self.values["url.pathname"] = page, f"/{page}"
        rerun = await self._update(["url.pathname", *(f"{each}.value" for each in self._choices)])
        return replace(rerun, seconds=time.perf_counter() - started, size=rerun.size + size)

    async def follow(self, page: str, query: str | None = None) -> Rerun:
        """Follow a link to a page."""
        self.page, self.values["url.pathname"] = page, f"/{page}"
        return await self._update(["url.pathname"])

    async def go_back(self, query: str) -> Rerun:
        """Have the page drawn again: its address says nothing of what is chosen."""
        return await self._update(["url.pathname"])

    async def choose(self, label: str, options: Sequence[str]) -> Rerun:
        """Change what a widget says. Raises KeyError when no widget has this label."""
        widget = self.widgets[label]
        values = [self._choices[widget.id][option] for option in options]
        self.values[f"{widget.id}.value"] = values if widget.kind == "multiselect" else values[0]
        self.widgets[label] = replace(widget, chosen=tuple(options))
        return await self._update([f"{widget.id}.value"])

    async def _update(self, changed: Sequence[str]) -> Rerun:
        """Run the callbacks that these properties set off, at once, then those of what came with the answers."""
        started, size, messages = time.perf_counter(), 0, 0
        errors: list[str] = []
        while changed:
            due = [each for each in self._callbacks if set(_names(each["inputs"])) & set(changed)]
            answers = await asyncio.gather(*(self._ask(each, changed) for each in due))
            changed = []
            for answer in answers:
                size, messages = size + len(answer.content), messages + 1
                if answer.status_code == HTTPStatus.OK:
                    changed += self._take(answer.json()["response"])
                elif answer.status_code != HTTPStatus.NO_CONTENT:
                    errors.append(f"HTTP {answer.status_code}")
        return Rerun(time.perf_counter() - started, size, messages, 0, tuple(errors))

    async def _ask(self, callback: Mapping[str, Any], changed: Sequence[str]) -> httpx2.Response:
        assert self._client is not None
        target, name = callback["output"].rsplit(".", 1)
        asked = {
            "output": callback["output"],
            "outputs": {"id": target, "property": name},
            "changedPropIds": [each for each in _names(callback["inputs"]) if each in changed],
        }
        for part in ("inputs", "state"):
            asked[part] = [
                {**each, "value": self.values.get(name)}
                for each, name in zip(callback[part], _names(callback[part]), strict=True)
            ]
        return await self._client.post(_UPDATE, json=asked)

    def _take(self, response: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Keep what an answer changes. Returns the properties that are new on the page: they set off callbacks too."""
        new: list[str] = []
        for target, properties in response.items():
            for name, value in properties.items():
                if name == "options":
                    self._offer(target, value)
                elif name == "children":
                    for label in self._inside.pop(target, ()):
                        self.widgets.pop(label, None)
                    self._inside[target] = self._find(value)
                    new += [f"{self.widgets[label].id}.value" for label in self._inside[target]]
        return new

    def _find(self, part: Any) -> list[str]:
        """Every labelled widget of a part of the page: known from now on."""
        if isinstance(part, list):
            return [label for each in part for label in self._find(each)]
        if not isinstance(part, dict):
            return []
        inner = part.get("props", {}).get("children")
        if part.get("type") != "Label":
            return self._find(inner)
        label, component = inner
        props = component["props"]
        kind = "multiselect" if props.get("multi") else "selectbox"
        self.widgets[label] = Widget(props["id"], kind, label, (), (), "", "")
        self._offer(props["id"], props["options"])
        self.values[f"{props['id']}.value"] = props["value"]
        chosen = props["value"] if kind == "multiselect" else [props["value"]]
        names = {value: name for name, value in self._choices[props["id"]].items()}
        self.widgets[label] = replace(self.widgets[label], chosen=tuple(names[value] for value in chosen))
        return [label]

    def _offer(self, target: str, options: Sequence[Any]) -> None:
        pairs = [(each["label"], each["value"]) if isinstance(each, dict) else (str(each), each) for each in options]
        self._choices[target] = dict(pairs)
        for label, widget in self.widgets.items():
            if widget.id == target:
                self.widgets[label] = replace(widget, options=tuple(self._choices[target]))


def _names(properties: Sequence[Mapping[str, str]]) -> list[str]:
    return [f"{each['id']}.{each['property']}" for each in properties]
