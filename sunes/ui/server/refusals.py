"""What is answered where there is no page: one French sentence, which says nothing of the inside."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sunes.request_id import reference

_SAID = {
    400: "Cette demande ne peut pas être comprise.",
    403: "Cette demande n’est pas permise.",
    404: "Il n’y a rien à cette adresse.",
    405: "Cette opération n’existe pas à cette adresse.",
    408: "La demande a pris trop de temps ; elle est abandonnée.",
    411: "La taille du fichier doit être annoncée.",
    413: "Trop de fichiers, ou trop volumineux : retirez-en avant d’en envoyer d’autres.",
    416: "Cette partie du fichier n’existe pas.",
    429: "Trop de demandes en peu de temps ; réessayez un peu plus tard.",
    503: "Le serveur est très occupé ; réessayez dans une minute.",
}


def plain(status: int, said: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """A refusal in one sentence: the one given, or the one that its status has."""
    always = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(said or _SAID.get(status, _SAID[400]), status, {**always, **(headers or {})}, "text/plain")


async def refuse(_request: Request, error: Exception) -> Response:
    """What a route of the framework refuses, in its own words and with what it said of itself."""
    assert isinstance(error, HTTPException)
    if error.status_code < 400:
        return Response(status_code=error.status_code, headers=error.headers)
    return plain(error.status_code, headers=error.headers)


async def fail(_request: Request, _error: Exception) -> Response:
    """What nobody expected. The server logs it after this answer."""
    return plain(500, f"Une erreur inattendue s’est produite ; signalez-la avec la référence {reference()}.")
