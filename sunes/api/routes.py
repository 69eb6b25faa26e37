"""The questions that programs ask over HTTP, and the records that answer them."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from sunes import engine, metrics, questions
from sunes.access.journal import What
from sunes.access.people import ForbiddenError, Person, Role, Sight
from sunes.access.rules import Detail, rules
from sunes.api import openapi
from sunes.api.callers import caller
from sunes.api.replies import Reply
from sunes.api.serving import Endpoint, Shelf, UnknownError
from sunes.errors import UsageError
from sunes.export.csv import file_name
from sunes.export.plain import dump, to_csv, to_json
from sunes.programme import load_programme
from sunes.questions import Question
from sunes.records import (
    SNAPSHOT_FIELDS,
    establishment_fields,
    establishment_records,
    has_position,
    metric_fields,
    snapshot_records,
)
from sunes.roster import Roster, roster
from sunes.snapshots import Snapshot, SnapshotId, Store, check_files
from sunes.view import TRACKING, View

_replies: Shelf[Reply] = Shelf(room=64_000_000, name="replies")


def _metrics(kind: str, request: Request) -> Reply:
    sight = rules().sight(_person(request))
    store, programme = Store.default(), load_programme()
    question = questions.read(_params(request, openapi.METRICS_PARAMETERS), programme, _written)
    found = _snapshots(store, question)
    left_out = _left_out(store) if question.over_time else {}
    personal = _is_personal(detailed=bool(question.view.finess))

    def make() -> Reply:
        answer = metrics.answer(engine.frames(found, sight), question.view, question.by, programme=programme)
        body = (to_csv if kind == "csv" else to_json)(metric_fields(answer.by), answer.rows)
        headers = left_out | _disposition("metrics", kind, question, found)
        return Reply(body.encode(), kind, found, question.pinned, headers, personal)

    return _replies.get(("metrics", kind, question, found, sight, personal, *left_out.values()), make)


def _establishments(kind: str, request: Request) -> Reply:
    person = _person(request)
    sight, personal = rules().sight(person), _is_personal(detailed=True)
    if person.role is Role.VISITOR and not sight.is_whole:
        raise ForbiddenError(f"Le détail des établissements est réservé ; {_WITH_A_KEY}.")
    store, programme = Store.default(), load_programme()
    params = _params(request, openapi.ESTABLISHMENTS_PARAMETERS)
    limit = _number(params, "limit", openapi.PAGE, 1, openapi.LARGEST_PAGE)
    offset = _number(params, "offset", 0, 0, openapi.FURTHEST)
    question = questions.read(params, programme, _written)
    found = _snapshots(store, question)

    def make() -> Reply:
        whole = _roster(found[0], question.view.having(snapshot=None), sight)
        lines = [line for line in whole.lines if has_position(line)] if kind == "geojson" else whole.lines
        fields = establishment_fields(question.view, programme)
        records = establishment_records(whole, lines[offset : offset + limit], programme)
        if kind == "geojson":
            body = dump(_features(whole, len(lines), fields, records))
        else:
            body = (to_csv if kind == "csv" else to_json)(fields, records)
        # The next page is one of this revision, whatever is published meanwhile.
        pinned = question.view.having(snapshot=found[0].id.pin).to_params()
        link = partial(_link, f"establishments.{kind}", pinned, limit)
        links = [link("prev", max(0, offset - limit))] if offset else []
        links += [link("next", offset + limit)] if offset + limit < len(lines) else []
        headers = {"x-total-count": str(len(lines))} | ({"link": ", ".join(links)} if links else {})
        headers |= {"sunes-withheld": str(whole.withheld)} if whole.withheld else {}
        headers |= _disposition("etablissements", kind, question, found)
        return Reply(body.encode(), kind, found, question.pinned, headers, personal)

    reply = _replies.get(("establishments", kind, question, found, sight, personal, limit, offset), make)
    store.journal.note(person, What.EXPORTED, f"establishments.{kind}?{request.url.query}")
    return reply


def _list_snapshots(request: Request) -> Reply:
    _person(request)
    _params(request, ())
    store = Store.default()
    records = snapshot_records(store, store.snapshots(withdrawn=True))
    return Reply(to_json(SNAPSHOT_FIELDS, records).encode(), "json", headers=_left_out(store), personal=_is_personal())


def _document(request: Request) -> Reply:
    _params(request, ())
    return Reply(f"{dump(openapi.document(load_programme()))}\n".encode(), "json")


ENDPOINTS: Mapping[str, Endpoint] = {
    "/metrics.json": partial(_metrics, "json"),
    "/metrics.csv": partial(_metrics, "csv"),
    "/establishments.json": partial(_establishments, "json"),
    "/establishments.csv": partial(_establishments, "csv"),
    "/establishments.geojson": partial(_establishments, "geojson"),
    "/snapshots.json": _list_snapshots,
    "/openapi.json": _document,
}


# Who asks ------------------------------------------------------------------------------------------------------------

_WITH_A_KEY = "joignez une clé à la demande (« Authorization: Bearer … ») ou connectez-vous"


def _person(request: Request) -> Person:
    """Who asks. Raises ForbiddenError where that is a visitor, and these routes are not for those."""
    person = caller(request)
    if person.role is Role.VISITOR and not rules().public_data:
        raise ForbiddenError(f"Ces données sont réservées ; {_WITH_A_KEY}.")
    return person


def _is_personal(*, detailed: bool = False) -> bool:
    """Whether an answer, with the detail of establishments or without, depends on who asks."""
    return not rules().public_data or (detailed and rules().establishments is not Detail.PUBLIC)


# Questions -----------------------------------------------------------------------------------------------------------


def _params(request: Request, allowed: Sequence[str]) -> dict[str, list[str]]:
    """The parameters of the address but those that mailing tools add. Raises UsageError for others and empty ones."""
    query = request.query_params
    params = {name: query.getlist(name) for name in query if not name.startswith(TRACKING)}
    if unknown := [name for name in params if name not in allowed]:
        hint = f"possibles : {', '.join(allowed)}" if allowed else "cette adresse n’en prend aucun"
        raise UsageError(f"Paramètre inconnu : « {unknown[0]} » ({hint}).")
    # A variable that somebody's program left empty must not become a question about everything.
    if empty := [name for name, values in params.items() if not all(value.strip(" ,") for value in values)]:
        raise UsageError(f"« {empty[0]} » est vide : donnez-lui une valeur ou retirez-le.")
    return params


def _written(name: str, value: str = "") -> str:
    return f"« {name}={value} »" if value else f"« {name} »"


def _number(params: Mapping[str, Sequence[str]], name: str, default: int, least: int, most: int) -> int:
    values = params.get(name, (str(default),))
    written = len(values) == 1 and re.fullmatch(r"\d{1,9}", values[0], re.ASCII)
    number = int(values[0]) if written else -1
    if not least <= number <= most:
        raise UsageError(f"« {name} » : un nombre entier de {least} à {most} est attendu.")
    return number


def _snapshots(store: Store, question: Question) -> tuple[Snapshot, ...]:
    """What a question is about. The files are looked at before any cache is: they may have been damaged since."""
    try:
        found = questions.snapshots(store, question, _written)
    except UsageError as error:
        raise UnknownError(str(error)) from None
    sound = engine.sound(found)[0]
    if not sound:
        check_files(found[0])
    return sound


def _left_out(store: Store) -> dict[str, str]:
    """The header that names the revisions in force that can't be read: they are missing in lists and histories."""
    folders = [problem.file for problem in (*store.damaged(), *engine.sound(store.history())[1])]
    ids = {SnapshotId.of_folder(folder.split("/")[0]) for folder in folders if folder}
    said = ", ".join(snapshot_id.pin for snapshot_id in sorted(filter(None, ids)))
    return {"sunes-left-out": said} if said else {}


@lru_cache(maxsize=4)
def _roster(snapshot: Snapshot, view: View, sight: Sight) -> Roster:
    return roster(engine.frames([snapshot], sight), view, load_programme())


# Answers -------------------------------------------------------------------------------------------------------------


def _features(whole: Roster, total: int, fields: Sequence[str], records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Records as GeoJSON (RFC 7946): longitude before latitude, and what is beside the standard as members of ours."""
    header = whole.header
    position = ("longitude", "latitude")
    return {
        "type": "FeatureCollection",
        "snapshot": header.as_of.isoformat(),
        "revision": header.revision,
        "simulated": header.simulated,
        "total": total,
        "without_position": len(whole.lines) - total,
        "withheld": whole.withheld,
        "features": [
            {
                "type": "Feature",
                "id": record["finess"],
                "geometry": {"type": "Point", "coordinates": [record[axis] for axis in position]},
                "properties": {field: record[field] for field in fields if field not in position},
            }
            for record in records
        ],
    }


def _link(page: str, params: Mapping[str, str], limit: int, relation: str, offset: int) -> str:
    # Relative to the address that was asked: whatever name or prefix a server in between gives it.
    return f'<{page}?{urlencode({**params, "limit": limit, "offset": offset}, safe=",~")}>; rel="{relation}"'


def _disposition(name: str, kind: str, question: Question, found: Sequence[Snapshot]) -> dict[str, str]:
    if kind != "csv":
        return {}
    view = question.view
    places = (*view.regions, *view.departments)
    days = dict.fromkeys((found[0].id.pin, found[-1].id.pin))
    parts = (name, "-".join(question.by), "-".join(places) if len(places) <= 3 else "", view.volet or "", *days)
    return {"content-disposition": f'attachment; filename="{file_name(*parts, suffix=kind)}"'}
