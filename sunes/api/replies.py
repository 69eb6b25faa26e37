"""What every answer over HTTP has in common: its headers, its validator, the form of its errors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sunes.access.people import ForbiddenError, Role
from sunes.api.callers import caller, is_at_home
from sunes.french import join, typographic
from sunes.snapshots import Snapshot

METHODS = ("GET", "HEAD", "OPTIONS")
MEDIA_TYPES = {
    "json": "application/json; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json; charset=utf-8",
    "problem": "application/problem+json; charset=utf-8",
}
TITLES = {
    400: "Question impossible",
    401: "Identification demandée",
    403: "Accès réservé",
    404: "Introuvable",
    405: "Méthode non permise",
    414: "Adresse trop longue",
    500: "Erreur interne",
    503: "Données indisponibles",
}
# What says who asks.
WHO = "Authorization, Cookie"

# What scripts of other sites may read beyond the body.
TOLD = (
    "ETag",
    "Link",
    "X-Total-Count",
    "Sunes-Snapshot",
    "Sunes-Revision",
    "Sunes-Simulated",
    "Sunes-Left-Out",
    "Sunes-Withheld",
)
_OPEN = {"access-control-allow-origin": "*", "access-control-expose-headers": ", ".join(TOLD)}
_ALWAYS = {"x-content-type-options": "nosniff"}
_PREFLIGHT = {
    "allow": ", ".join(METHODS),
    "access-control-allow-methods": ", ".join(METHODS),
    "access-control-allow-headers": "Authorization, If-None-Match, Cache-Control",
    "access-control-max-age": "86400",
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A body and what is said of it.

    Attributes
    ----------
    kind
        `json`, `csv` or `geojson`.
    snapshots
        Where it comes from.
    pinned
        Whether the question names one revision, which never changes.
    headers
        Those that only this kind of answer has.
    personal
        Whether somebody else might get another answer: no cache in between may keep it.
    """

    body: bytes
    kind: str
    snapshots: Sequence[Snapshot] = ()
    pinned: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    personal: bool = False

    @property
    def etag(self) -> str:
        """Of the snapshots and of every byte: definitions and targets may change where no snapshot does.

        A weak one, since the server in front may compress what is sent.
        """
        digest = sha256(self.body)
        for snapshot in self.snapshots:
            digest.update(f"{snapshot.id.pin} {snapshot.digest}\n".encode())
        return f'W/"{digest.hexdigest()[:40]}"'


def respond(request: Request, reply: Reply) -> Response:
    """The response to a GET or HEAD request: the reply or, where the client has it already, 304 without a body."""
    whose = "private" if reply.personal else "public"
    headers = {
        **_ALWAYS,
        **_for_other_sites(request, reply.personal),
        **reply.headers,
        **_origin(reply.snapshots),
        "etag": reply.etag,
        # A revision stays what it is, though it may be withdrawn, and a target that it is compared with corrected;
        # `latest` and a date become something else with the next publication.
        "cache-control": f"{whose}, {'max-age=3600' if reply.pinned else 'no-cache'}",
        **({"vary": WHO} if reply.personal else {}),
    }
    if _known(request, reply.etag):
        return Response(status_code=304, headers=headers)
    headers |= {"content-type": MEDIA_TYPES[reply.kind], "content-length": str(len(reply.body))}
    return Response(b"" if request.method == "HEAD" else reply.body, headers=headers)


def refusal(request: Request) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to who asks for what is not theirs: 401 where a key may help, else 403."""
    try:
        known = caller(request).role is not Role.VISITOR
    except ForbiddenError:
        known = False
    return (403, {}) if known else (401, {"www-authenticate": "Bearer"})


def preflight(request: Request) -> Response:
    """The response to OPTIONS: who may ask what from elsewhere."""
    return Response(status_code=204, headers=_ALWAYS | _for_other_sites(request) | _PREFLIGHT)


def _for_other_sites(request: Request, personal: bool = False) -> dict[str, str]:
    """What lets scripts of other sites read an answer.

    Nothing at home, where any site that somebody visits would read what only they may; nor where it depends on who
    asks, unless that is a program, by its key: a visitor may stand where no other site does, in a closed network.
    """
    if is_at_home(request) or (personal and "authorization" not in request.headers):
        return {}
    return _OPEN


def problem(request: Request, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error by RFC 9457, said in French."""
    content = {
        "type": "about:blank",
        "title": TITLES.get(status, "Erreur"),
        "status": status,
        "detail": typographic(f"{sentence[:1].upper()}{sentence[1:]}"),
    }
    body = json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8", "replace")
    told = {"content-type": MEDIA_TYPES["problem"], "content-length": str(len(body)), "cache-control": "no-store"}
    shared = _for_other_sites(request) if request.method in METHODS else {}
    always = {**_ALWAYS, **shared, **(headers or {})}
    return Response(b"" if request.method == "HEAD" else body, status, headers=always | told)


async def refuse(request: Request, error: Exception) -> Response:
    """What the router refuses: an address that leads nowhere, a method that changes something."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        sentence = f"Ces données se lisent seulement : utilisez {join(METHODS)}."
    else:
        sentence = "Il n’y a rien à cette adresse ; openapi.json, dans ce même dossier, décrit celles qui existent."
    return problem(request, error.status_code, sentence, error.headers)


def _origin(snapshots: Sequence[Snapshot]) -> dict[str, str]:
    if not snapshots:
        return {}
    return {
        "sunes-snapshot": ", ".join(snapshot.as_of.isoformat() for snapshot in snapshots),
        "sunes-revision": ", ".join(str(snapshot.revision) for snapshot in snapshots),
        "sunes-simulated": ", ".join("true" if snapshot.simulated else "false" for snapshot in snapshots),
    }


def _known(request: Request, etag: str) -> bool:
    given = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return "*" in given or etag.removeprefix("W/") in given
