"""The gate: what every request passes first and last. One layer of plain ASGI, as it is on the way of every lead.

On the way in: an id, the name of the host, a key or a session, how many are under way, how large the body may be and
how long it may take. On the way out: headers, a count, a line in the log.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadml.serving.keys import holder
from leadml.serving.problems import Problem

if TYPE_CHECKING:
    from leadml.serving.champion import Champion
    from leadml.serving.log import AccessLog
    from leadml.serving.metrics import Metrics
    from leadml.serving.settings import Settings

MB = 1 << 20
STREAM, UPLOADS = "/v1/score/stream", "/uploads"
API = ("/v1/", "/metrics", "/openapi.json")
HEALTH = frozenset({"/healthz", "/readyz"})  # asked by machines, by whatever name
FREE = frozenset({*HEALTH, "/metrics"})  # answered however many requests are under way
OPEN = frozenset({*HEALTH, "/sign-in"})  # asked by who has no key, or not yet
STATIC = "/static/"
ANSWERED = ("/v1/score", STREAM, "/v1/rescore", "/v1/rank", "/v1/skip", "/v1/price", "/v1/model", "/v1/model/schema")
KNOWN = frozenset({*ANSWERED, *API[1:], *FREE, "/docs"})
GONE = 499  # the status in the log of a request whose client went away
DRAINED, DRAIN_SECONDS = 256 * MB, 5.0  # what is taken in of a body that is too large, and for how long
_ID = re.compile(rb"[\w.:-]{1,64}")
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
_POLICY = (
    b"content-security-policy",
    b"default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    b"frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
)
Answer = Callable[[Scope, Problem], Response]


class Gate:
    """Wraps the app. ``answer`` makes a response of a problem: a document, or a page."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: "Settings",
        champion: "Champion",
        metrics: "Metrics",
        log: "AccessLog",
        answer: Answer,
    ) -> None:
        self.app, self.settings, self.champion = app, settings, champion
        self.metrics, self.log, self.answer = metrics, log, answer
        self.names = settings.names
        self.most_streams = max(1, settings.max_requests // 8)  # each holds some blocks of rows
        self.under_way = self.streams = 0
        self._second, self._stamp = 0, ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "http":
            await _Passage(self, scope, receive, send).go()
        elif scope["type"] == "lifespan":
            await self.app(scope, receive, send)

    def stamp(self) -> str:
        """Return the time as text, to the second."""
        now = int(time.time())
        if now != self._second:
            self._second, self._stamp = now, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        return self._stamp


class FastLane:
    """Sends the requests that come most often, by method and path, straight to their endpoint."""

    def __init__(self, app: ASGIApp, *, lanes: Mapping[tuple[str, str], ASGIApp]) -> None:
        self.app, self.lanes = app, lanes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        lane = self.lanes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        await (self.app if lane is None else lane)(scope, receive, send)


class _Passage:
    """One request on its way through."""

    __slots__ = (
        *("body", "complete", "gate", "headers", "holder", "id", "limit", "path", "receive", "scope", "send", "status"),
    )

    def __init__(self, gate: Gate, scope: Scope, receive: Receive, send: Send) -> None:
        self.gate, self.scope, self.receive, self.send = gate, scope, receive, send
        self.path: str = scope["path"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        given = self.headers.get(b"x-request-id", b"")
        self.id = given.decode() if _ID.fullmatch(given) else secrets.token_hex(8)
        self.status, self.body, self.complete = 0, 0, False
        self.holder: str | None = None
        self.limit: asyncio.Timeout | None = None

    async def go(self) -> None:
        """Pass the request on, answer what goes wrong, then count it and write it to the log."""
        start, gate = time.perf_counter(), self.gate
        state = self.scope.setdefault("state", {})
        state["request_id"] = self.id
        try:
            await self._pass()
        except Problem as problem:
            await self._tell(problem)
        except ClientDisconnect:
            self.status = self.status or GONE
        except Exception as error:  # what went wrong is told to the log alone
            gate.log.failure(self.id, error)
            await self._tell(Problem(500, "internal-error", f"the log of the server has it under {self.id}"))
        finally:
            seconds = time.perf_counter() - start
            label = _label(self.path)
            gate.metrics.request(label, self.status or GONE, seconds)
            entry = {
                "event": "request",
                "time": gate.stamp(),
                "request_id": self.id,
                "method": self.scope["method"],
                "path": label,
                "status": self.status or GONE,
                "ms": round(seconds * 1000, 3),
                "leads": state.get("n_leads"),
                "key": self.holder,
                "model": gate.champion.current.version,
            }
            gate.log.write(entry)

    async def _pass(self) -> None:
        refusal = self._refusal()
        if refusal is not None:
            await refusal(self.scope, self.receive, self._send)
            return
        gate, path = self.gate, self.path
        if path in FREE:
            await gate.app(self.scope, self.receive, self._send)
            return
        is_stream = path == STREAM
        if gate.under_way >= gate.settings.max_requests or (is_stream and gate.streams >= gate.most_streams):
            told = "too many requests are under way; send it again in a moment"
            raise Problem(429, "too-many-requests", told, headers={"Retry-After": "1"})
        gate.under_way += 1
        gate.streams += is_stream
        try:
            if is_stream or path == UPLOADS:  # as long as it takes, if something comes in all the while
                await gate.app(self.scope, self._receive_some, self._send)
            else:
                await self._in_time()
        finally:
            gate.under_way -= 1
            gate.streams -= is_stream

    async def _in_time(self) -> None:
        try:
            async with asyncio.timeout(self.gate.settings.timeout_seconds) as self.limit:
                await self.gate.app(self.scope, self._receive, self._send)
        except TimeoutError:
            if self.complete:
                raise Problem(503, "too-slow", "the answer took too long; send fewer leads at a time") from None
            raise self._slow() from None

    def _slow(self) -> Problem:
        seconds = self.gate.settings.timeout_seconds
        return Problem(408, "body-timeout", f"the body must come within {seconds:g} seconds; send it again")

    def _refusal(self) -> Response | None:
        """Return the answer to who may not pass; raises Problem for most."""
        gate, headers = self.gate, self.headers
        if gate.names and self.path not in HEALTH:
            name = headers.get(b"host", b"").decode("latin-1").casefold()
            if name not in gate.names and name.rpartition(":")[0] not in gate.names:
                raise Problem(421, "wrong-host", "the server must be asked by its own name; see serving.hosts")
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and (most := self._most()) is not None and int(length) > most:
            raise _too_large(most)
        if headers.get(b"content-encoding", b"identity") != b"identity":
            told = "the body must come as it is, without a Content-Encoding; send it unpacked"
            raise Problem(415, "unsupported-media-type", told, headers={"Accept-Encoding": "identity"})
        if not gate.settings.keys or self.path in OPEN or self.path.startswith(STATIC):
            return None
        return self._without_key() if not self._has_key() else None

    def _has_key(self) -> bool:
        if self.path.startswith(API):
            scheme, _, key = self.headers.get(b"authorization", b"").decode("latin-1").partition(" ")
            if scheme.casefold() != "bearer":
                key = self.headers.get(b"x-api-key", b"").decode("latin-1")
            self.holder = holder(key.strip(), self.gate.settings.keys) if key else None
        if self.holder is None and not self.path.startswith("/v1/"):
            from leadml.serving.pages.sessions import signed_in

            self.holder = signed_in(self.scope, self.gate.settings)
        return self.holder is not None

    def _without_key(self) -> Response:
        if self.path.startswith(API):
            told = "an API key must come with the request, as `Authorization: Bearer KEY` or `X-API-Key: KEY`"
            raise Problem(401, "no-key", told, headers={"WWW-Authenticate": "Bearer"})
        from urllib.parse import quote

        goal = self.path + ("?" + self.scope["query_string"].decode("latin-1") if self.scope["query_string"] else "")
        return RedirectResponse("/sign-in?next=" + quote(goal, safe=""), 303)

    def _most(self) -> int | None:
        """Return how many bytes the body may have."""
        if self.path == STREAM:
            return None
        settings = self.gate.settings
        return (settings.max_upload_mb if self.path == UPLOADS else settings.max_body_mb) * MB

    async def _receive(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            self.body += len(message.get("body", b""))
            self.complete = not message.get("more_body", False)
            most = self._most()
            if most is not None and self.body > most:
                await self._drain()
                raise _too_large(most)
        return message

    async def _receive_some(self) -> Message:
        """Receive a piece of a long body, unless the client falls silent."""
        if self.complete:  # what is left to hear is that the client went away, whenever it does
            return await self.receive()
        try:
            async with asyncio.timeout(self.gate.settings.timeout_seconds):
                return await self._receive()
        except TimeoutError:
            raise self._slow() from None

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"] = [*message.get("headers", ()), (b"x-request-id", self.id.encode()), *_ALWAYS]
            if any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                headers.append(_POLICY)
        elif message.get("more_body"):
            await self._send_some(message)
            return
        await self.send(message)

    async def _send_some(self, message: Message) -> None:
        """Send a piece of a long answer, which may take as long as the client goes on taking it."""
        seconds = self.gate.settings.timeout_seconds
        if self.limit is not None and not self.limit.expired():
            self.limit.reschedule(asyncio.get_running_loop().time() + 2 * seconds)
        try:
            async with asyncio.timeout(seconds):
                await self.send(message)
        except TimeoutError:
            raise ClientDisconnect from None

    async def _tell(self, problem: Problem) -> None:
        """Answer with a problem, if nothing was answered yet."""
        if not self.status:
            if problem.status == 413 and b"expect" not in self.headers:
                await self._drain()
            await self.gate.answer(self.scope, problem)(self.scope, self.receive, self._send)

    async def _drain(self) -> None:
        """Take in the rest of a body, as far as that is soon done: who is cut off while sending reads no answer."""
        left = DRAINED
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while left > 0 and not self.complete:
                    message = await self.receive()
                    if message["type"] == "http.disconnect":
                        return
                    left -= len(message.get("body", b""))
                    self.complete = not message.get("more_body", False)


def _too_large(most: int) -> Problem:
    return Problem(413, "body-too-large", f"the body must have at most {most // MB:,} MB; send less at a time")


def _label(path: str) -> str:
    """Return an address without what is the user's in it."""
    if path in KNOWN:
        return path
    first = "/" + path[1:].partition("/")[0]
    known = ("/static", "/uploads", "/lists", "/folder", "/model", "/sign-in", "/sign-out", "/language", "/")
    return first if first in known else "other"
