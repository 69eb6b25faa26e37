"""The HTTP door: the same answers as on the pages and on the command line.

Open data under `/data/v1`, decks under `/presentation`.
"""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount

from sunes.api import presenting
from sunes.api.openapi import PREFIX
from sunes.api.replies import refuse
from sunes.api.routes import ENDPOINTS
from sunes.api.serving import route

# An application of its own: whatever is asked below its prefix gets an answer for programs, never a page.
_api = Starlette(
    routes=[route(path, answer) for path, answer in ENDPOINTS.items()],
    exception_handlers={HTTPException: refuse},
)
_api.router.redirect_slashes = False

ROUTES: list[BaseRoute] = [Mount(PREFIX, app=_api), *presenting.ROUTES]
