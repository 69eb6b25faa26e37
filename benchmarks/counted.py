"""sunes, with a count of what it computes: `uvicorn benchmarks.counted:app`, then `/computations`.

That the caches answer is seen from outside as speed; that 300 people who ask the same at once make the server compute
it once is not. Nothing else differs from `app.py`.
"""

from collections import Counter
from collections.abc import Sequence
from threading import Lock
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sunes import metrics
from sunes.metrics import Answer
from sunes.ui.server import asgi

_asked: Counter[str] = Counter()
_lock = Lock()
_answer = metrics.answer


def _counted(frames: Any, view: Any, by: Sequence[str] = (), **more: Any) -> Answer:
    with _lock:
        _asked[f"{[(each.as_of, each.revision) for each in frames.headers]} {view} {by}"] += 1
    return _answer(frames, view, by, **more)


async def _computations(_request: Request) -> JSONResponse:
    return JSONResponse({"computed": _asked.total(), "different": len(_asked)})


metrics.answer = _counted
asgi.ROUTES.append(Route("/computations", _computations))

from app import app  # noqa: E402  the routes are taken when it is imported

__all__ = ["app"]
