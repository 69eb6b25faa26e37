"""What the log looks like: sentences on a terminal, one JSON object a line for who collects them, the id in both."""

import json
import logging
import os
import re
import sys
import threading
import traceback
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType

from streamlit import logger as streamlit_logger

from sunes import request_id

_LOGGER = logging.getLogger(__name__)

# Whose loggers bring handlers and formats of their own.
_THEIRS = ("streamlit", "uvicorn", "websockets")
# We log exceptions of pages ourselves, with the reference that is shown. A websocket that is refused is no error:
# uvicorn answers as it is told, and then says that nobody accepted.
_NOISE = {
    ("streamlit.error_util", "Uncaught app execution"),
    ("uvicorn.error", "ASGI callable returned without completing handshake."),
}

# What addresses ask for may be about people, or open something; so may what follows these words.
_QUERY = re.compile(r"\?[\w.~%+\-\[\]]+=[^\s\"'»)>]*")
# After the word: `x=`, `'x': '`, and pairs as servers keep headers, `b'x', b'`.
_IS = r"(?:[\"']?\s*[=:]|[\"'],)\s*"
_VALUE = r"(?:b?\"[^\"\n]*\"?|b?'[^'\n]*'?|(?:(?:bearer|basic)\s+)?[^\s\"',;&]+)"
_SECRET = re.compile(
    rf"(?i)((?:authorization|cookie|password|passwd|secret|token|(?:api|access)[_-]?key)[\w-]{{0,30}}{_IS}){_VALUE}"
    rf"|\b((?:code|state|nonce)=){_VALUE}"
)
# All of them: there is a semicolon between each and the next.
_COOKIES = re.compile(r"(?i)\b((?:set-)?cookie\s*:\s*)(?!…)[^\s\"'][^\r\n\"']*")
_LOGIN = re.compile(r"://[^/\s@\"']+@")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_HIDDEN = "…"


def without_secrets(text: str) -> str:
    """The text without what addresses ask for, passwords and keys, whatever library has put them there."""
    text = _LOGIN.sub(f"://{_HIDDEN}@", _QUERY.sub(f"?{_HIDDEN}", text))
    text = _SECRET.sub(_hide, _COOKIES.sub(rf"\1{_HIDDEN}", text))
    return _BEARER.sub(rf"\1 {_HIDDEN}", text)


def _hide(found: re.Match[str]) -> str:
    """What says that there was a secret, within the same quotes."""
    name, value = found[1] or found[2], found[0][len(found[1] or found[2]) :]
    opening = re.match(r"b?[\"']|", value)
    quotes = opening[0] if opening else ""
    return f"{name}{quotes}{_HIDDEN}{quotes[-1:]}"


def visible(text: str) -> str:
    """The text without what a terminal obeys, or takes for the end of a line: those are written as JSON has them."""
    return "".join(each if _is_visible(each) else _escaped(each) for each in text)


def _is_visible(character: str) -> bool:
    return character in "\n\t" or not (unicodedata.category(character)[0] == "C" or character in "\u2028\u2029")


def _escaped(character: str) -> str:
    return re.sub("....", r"\\u\g<0>", character.encode("utf-16-be", "surrogatepass").hex())


class _Stderr(logging.Handler):
    """Writes to whatever is the error output now. Of others than us, only what went wrong."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)

    def filter(self, record: logging.LogRecord) -> bool:
        ours = record.name.partition(".")[0] == "sunes"
        return (ours or record.levelno >= logging.WARNING) and (record.name, record.msg) not in _NOISE


class Sentences(logging.Formatter):
    """For people: the time, what happened, and then the trace if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        level = "" if record.levelno == logging.INFO else f"{record.levelname} "
        trace = f"\n{_trace(record)}" if record.exc_info else ""
        # Whatever somebody sent begins no line of its own.
        said = record.getMessage().replace("\n", "\n    ")
        return visible(without_secrets(f"{at} {level}{said}{trace}"))


class Lines(logging.Formatter):
    """For programs: JSON, one line for one record."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            "request_id": request_id.current() or None,
            "pid": record.process,
            "exception": without_secrets(_trace(record)) if record.exc_info else None,
        }
        return visible(json.dumps({name: each for name, each in said.items() if each is not None}, ensure_ascii=False))


def _trace(record: logging.LogRecord) -> str:
    return "".join(traceback.format_exception(*record.exc_info)).rstrip() if record.exc_info else ""


def wants_lines(default: bool) -> bool:
    """Whether the log is to be JSON: as `SUNES_LOG` says, `json` or `text`; anything else: the default."""
    return {"json": True, "text": False}.get(os.environ.get("SUNES_LOG", ""), default)


@contextmanager
def written(lines: bool) -> Iterator[None]:
    """Meanwhile, what anybody in this process logs goes to the error output in one form.

    Within another one, the outer one stays.
    """
    root, ours = logging.getLogger(), logging.getLogger("sunes")
    if any(isinstance(each, _Stderr) for each in root.handlers):
        _take_over()
        yield
        return
    handler = _Stderr()
    handler.setFormatter(Lines() if lines else Sentences())
    level, theirs = ours.level, streamlit_logger.setup_formatter
    hooks = sys.excepthook, threading.excepthook
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    logging.captureWarnings(lines)
    streamlit_logger.setup_formatter = _hand_on  # also for those that do not exist yet
    _take_over()
    if lines:
        sys.excepthook, threading.excepthook = _fallen, _fallen_thread
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = hooks
        streamlit_logger.setup_formatter = theirs
        logging.captureWarnings(False)
        ours.setLevel(level)
        root.removeHandler(handler)


def _take_over() -> None:
    for name, each in list(logging.root.manager.loggerDict.items()):
        if isinstance(each, logging.Logger) and name.partition(".")[0] in _THEIRS:
            _hand_on(each)


def _hand_on(logger: logging.Logger) -> None:
    """Leave to the root what this logger is told."""
    logger.handlers.clear()
    logger.propagate = True


def _fallen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _LOGGER.critical("Le processus s’arrête", exc_info=(kind, error, trace))


def _fallen_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and told.exc_type is not SystemExit:
        name = told.thread.name if told.thread else "?"
        _LOGGER.error("Le fil « %s » s’arrête", name, exc_info=(told.exc_type, told.exc_value, told.exc_traceback))
