"""The access log: one JSON object per request on standard error, which never holds a lead's values.

Addresses are logged without their parameters, and errors without their messages: both may hold what a lead says.
"""

import logging
import sys
from types import TracebackType
from typing import TextIO

import msgspec

LOGGER = "leadml.serving"
_encode = msgspec.json.Encoder().encode


class AccessLog:
    """Writes a line per request, in one call, so that the lines of several workers do not mix."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def write(self, entry: dict[str, object]) -> None:
        """Write one entry, if there is room for it: a full disk must not end the requests."""
        stream = self._stream or sys.stderr
        try:
            stream.write(_encode(entry).decode() + "\n")
        except OSError:
            return

    def failure(self, request_id: str, error: BaseException) -> None:
        """Write where in the code a request failed: the kind of error and the places, not its message."""
        self.write({"event": "failure", "request_id": request_id, "error": type(error).__name__, "at": _places(error)})


class JsonLines(logging.Handler):
    """Sends what the server itself logs the same way."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        entry: dict[str, object] = {"event": record.levelname.lower(), "logger": record.name}
        AccessLog().write(entry | {"message": record.getMessage()})


def _places(error: BaseException) -> list[str]:
    places, step = [], error.__traceback__
    while isinstance(step, TracebackType):
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{step.tb_lineno} {code.co_qualname}")
        step = step.tb_next
    return places
