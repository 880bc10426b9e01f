"""How the server reads HTTP: uvicorn's way, with limits on what comes before, between and after the bodies.

uvicorn bounds neither the size of a request's head nor the time that it may take, so that a few clients could fill the
memory, or hold connections for ever. The gate bounds the rest: bodies, answers, and how many are under way.
"""

import asyncio

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from leadml.serving.problems import Problem

MOST = 64 * 1024  # bytes that are no body: of a head, of trailers, between chunks


class Config(uvicorn.Config):
    """uvicorn's settings; a head must come within ``head_seconds``, and a connection without a request ends then."""

    head_seconds = 30.0


class Protocol(HttpToolsProtocol):
    """One connection."""

    _spent = 0  # bytes since the last one that was of use
    _since = 0.0  # when the last request began or was answered
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch a connection."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Close a connection on which no request is under way, and none came for too long."""
        left = seconds = getattr(self.config, "head_seconds", Config.head_seconds)
        if self._is_idle():
            left -= self.loop.time() - self._since
        if left <= 0:
            self.transport.close()
        self._watch = self.loop.call_later(left if left > 0 else seconds, self._look)

    def _is_idle(self) -> bool:
        return self.cycle is None or bool(self.cycle.response_complete)

    def data_received(self, data: bytes) -> None:
        """Read what came; end a connection that brings too much that is no body."""
        self._spent += len(data)
        super().data_received(data)
        if self._spent > MOST and not self.transport.is_closing():
            told = f"the head of a request must have at most {MOST // 1024} KB; send less in its address and headers"
            self._refuse(Problem(431, "head-too-large", told))

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - a text for programmers
        """Answer what is no HTTP."""
        self._refuse(Problem(400, "invalid-http", "the request must be HTTP/1.1; see RFC 9112"))

    def _refuse(self, problem: Problem) -> None:
        if self._is_idle():  # else the answer to another request would be mixed up
            response = problem.response()
            headers: list[tuple[bytes, bytes]] = [*response.raw_headers, (b"connection", b"close")]
            lines = [b"%b: %b\r\n" % pair for pair in (*self.server_state.default_headers, *headers)]
            self.transport.write(b"".join([STATUS_LINE[problem.status], *lines, b"\r\n", bytes(response.body)]))
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Take a request to speak another protocol as any other."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._spent, self._since = 0, self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Let a request be answered; its body follows."""
        self._spent = 0
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """Begin a chunk of a body."""
        self._spent = 0

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self._spent = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Go on to the next request."""
        self._since = self.loop.time()
        super().on_response_complete()
