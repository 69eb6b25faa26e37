"""The application on a disk that stalls while the file `SUNES_STALLED` exists: `uvicorn tests.slow_disk:app`."""

import os
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from sunes.place import LocalPlace

P = ParamSpec("P")
T = TypeVar("T")

_STALLED = Path(os.environ["SUNES_STALLED"])


def _late(act: Callable[P, T]) -> Callable[P, T]:
    @wraps(act)
    def answer(*args: P.args, **options: P.kwargs) -> T:
        while _STALLED.exists():
            time.sleep(0.01)
        return act(*args, **options)

    return answer


for name in ("hint", "look", "read", "names", "index"):
    setattr(LocalPlace, name, _late(getattr(LocalPlace, name)))

from app import app  # noqa: E402  the server looks at its store when it is imported

__all__ = ["app"]
