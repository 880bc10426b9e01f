"""What clients do wrong, on purpose or not, to a real server: each is answered in words, and harms nobody else."""

import gzip
import json
import re
import socket
import struct
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import LEAD
from process import Running, parts, post, read_all, running

MARK = "Zarniwoop-4711"  # in what is sent; never in the log
SECONDS = 3  # serving.timeout_seconds
BODY = json.dumps({**LEAD, "lead_id": MARK, "email": f"{MARK}@example.com", "note": MARK}).encode()
CLOSE = b"Host: localhost\r\nConnection: close\r\n\r\n"
INSIDE = re.compile(
    r"\w(Error|Exception)\b|Traceback|\.py\b|codec|NoneType|site-packages|<class|/tmp|/home|0x[0-9a-f]{6}"
)
MEMBERS = {"type", "title", "status", "detail", "errors", "request_id"}


@pytest.fixture(scope="module")
def server(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    environ = {"LEADML_SERVING_TIMEOUT_SECONDS": str(SECONDS)}
    with running(bundle_folder, tmp_path_factory.mktemp("faults"), environ=environ) as server:
        yield server


@pytest.fixture(scope="module")
def usual(server: Running) -> dict[str, Any]:
    """The score of a lead, before anything happened."""
    return scored(server)


@pytest.fixture(autouse=True)
def unharmed(server: Running, usual: dict[str, Any]) -> Iterator[None]:
    """After each fault the server must answer as ever; its log tells nothing of a lead, nor of a fault of its own."""
    yield
    assert httpx.get(f"{server.address}/healthz", trust_env=False).json() == {"status": "ok"}
    assert scored(server) == usual
    log = server.log()
    assert MARK not in log
    assert "Traceback" not in log
    assert not [line for line in server.lines() if line["event"] not in ("request", "warning")]


def scored(server: Running) -> dict[str, Any]:
    status, _, body = parts(server.raw(post("/v1/score", BODY)))
    assert status == 200
    answer: dict[str, Any] = json.loads(body)
    return {name: value for name, value in answer.items() if name != "as_of"}


def problem(answer: bytes, status: int, slug: str) -> dict[str, Any]:
    """Return the problem document of an answer, after checking that it is one and tells nothing of the inside."""
    got, headers, body = parts(answer)
    assert got == status, answer[:600]
    assert headers["content-type"] == "application/problem+json"
    assert "server" not in headers
    told: dict[str, Any] = json.loads(body)
    assert told.keys() <= MEMBERS
    assert told["status"] == status
    assert told["type"].endswith(f"#{slug}")
    assert told["title"]
    assert told.get("request_id") == headers.get("x-request-id")
    assert not INSIDE.search(told["detail"] + json.dumps(told.get("errors", ""))), told
    return told


NO_JSON = {
    "nothing": b"",
    "cut off": b'{"visits": 1, "lead_id": "' + MARK.encode(),
    "a comma too many": b'{"visits": 1,}',
    "two of them": BODY + BODY,
    "UTF-16": BODY.decode().encode("utf-16"),
    "Latin-1": f'{{"lead_id": "{MARK} Müller"}}'.encode("latin-1"),
    "a byte order mark": b"\xef\xbb\xbf" + BODY,
    "half of a pair": b'{"lead_id": "\\ud800"}',
    "packed": gzip.compress(BODY, mtime=0),
    "100,000 lists": b"[" * 100_000,
    "100,000 closed lists": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a deep unknown field": b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "1e999": b'{"visits": 1e999}',
    "-1e999": b'{"visits": -1e999}',
    "5,000 digits": b'{"visits": ' + b"9" * 5_000 + b"}",
    "NaN": b'{"visits": NaN}',
    "Infinity": b'{"visits": [Infinity]}',
}


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_json(server: Running, body: bytes) -> None:
    problem(server.raw(post("/v1/score", body)), 400, "invalid-json")


WRONG: dict[str, tuple[bytes, list[str]]] = {
    "a text for a number": (f'{{"visits": "{MARK}"}}'.encode(), ["/visits"]),
    "a name twice": (b'{"visits": 1, "visits": 5}', ["/visits"]),
    "twice in a list": (b'[{"visits": 1}, {"visits": 1, "visits": 5}]', ["/1/visits"]),
    "twice, once escaped": (b'{"visits": 1, "v\\u0069sits": 5}', ["/visits"]),
    "twice, with blanks": (b'[{"visits": 1}, {"visits": 1, "visits"\n\t :5}]', ["/1/visits"]),
    "twice, unknown": (f'{{"{MARK}": 1, "{MARK}": 2}}'.encode(), [f"/{MARK}"]),
    "no leads in the list": (b'[[], 1, null, "x"]', ["/0", "/1", "/2", "/3"]),
    "an odd name": (b'{"a/b~c": 1, "a/b~c": 2}', ["/a~1b~0c"]),
    "no lead": (b"null", []),
    "10,001 leads": (b"[" + b",".join([b"{}"] * 10_001) + b"]", []),
    "1,200 wrong leads": (json.dumps([{"visits": MARK}] * 1_200).encode(), [f"/{row}/visits" for row in range(1_000)]),
}


@pytest.mark.parametrize(("body", "paths"), WRONG.values(), ids=WRONG)
def test_what_holds_no_leads(server: Running, body: bytes, paths: list[str]) -> None:
    told = problem(server.raw(post("/v1/score?explain=full&as_of=2026-10-01", body)), 422, "invalid-leads")
    assert [error["path"] for error in told.get("errors", [])] == paths


def test_a_parameter_that_nobody_knows(server: Running) -> None:
    problem(server.raw(post(f"/v1/score?x={MARK}", b"{}")), 422, "invalid-parameter")


def test_a_lead_of_10_000_fields(server: Running) -> None:
    names = [f"field {i}" for i in range(10_000)]
    status, _, body = parts(server.raw(post("/v1/score", json.dumps(dict.fromkeys(names, MARK)).encode())))
    assert status == 200
    assert json.loads(body)["ignored_fields"] == names


def test_texts_of_megabytes(server: Running) -> None:
    """They neither take long nor are they kept."""
    start = time.perf_counter()
    for name in ("job_title", "country", "email", "source"):
        body = json.dumps({name: "Head of Ä́ " * 700_000}, ensure_ascii=False).encode()
        assert parts(server.raw(post("/v1/score", body)))[0] == 200
    assert time.perf_counter() - start < SECONDS * 4


def test_who_sends_too_much_at_once_reads_why(server: Running) -> None:
    """A client that sends all before it reads, and wants the connection closed, as urllib does."""
    kind = {"Content-Type": "application/json"}
    for body in (b" " * (11 << 20), iter([b" " * (1 << 20)] * 12)):
        request = urllib.request.Request(f"{server.address}/v1/score", body, kind)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=SECONDS)
        assert caught.value.code == 413
        assert json.load(caught.value)["detail"] == "the body must have at most 10 MB; send less at a time"
        caught.value.close()


def test_bodies_that_are_too_large(server: Running) -> None:
    big = b" " * (20 << 20)
    problem(server.raw(post("/v1/score", big)), 413, "body-too-large")
    problem(server.raw(post("/v1/score", b"", length=10**18)), 413, "body-too-large")
    head = post("/v1/score", b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    problem(server.raw(head + b"%x\r\n" % len(big) + big + b"\r\n0\r\n\r\n"), 413, "body-too-large")


def test_other_kinds_of_bodies(server: Running) -> None:
    packed = post("/v1/score", gzip.compress(BODY), "Content-Encoding: gzip")
    problem(server.raw(packed), 415, "unsupported-media-type")
    told = post("/v1/score", BODY).replace(b"application/json", b"text/plain")
    problem(server.raw(told), 415, "unsupported-media-type")
    problem(server.raw(post("/v1/score?as_of=%00%ff&explain=no", BODY)), 422, "invalid-parameter")


def test_slow_clients_are_let_go(server: Running) -> None:
    """A body and a head that come byte by byte, one who only connects, one who takes no answer: all at once."""
    takes_none = socket.socket()
    takes_none.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    takes_none.connect(("127.0.0.1", server.port))
    takes_none.sendall(post("/v1/score", json.dumps([LEAD] * 10_000).encode()))
    request = post("/v1/score", BODY)
    connections = [server.connect(SECONDS * 10) for _ in range(3)]
    sent = [request[: -len(BODY)], b"", b""]
    start = time.perf_counter()
    for connection, data in zip(connections, sent, strict=True):
        connection.sendall(data)
    for at in range(SECONDS * 5):
        with suppress(OSError):
            connections[0].sendall(BODY[at : at + 1])
            connections[1].sendall(request[at : at + 1])
        time.sleep(0.2)
    answers = [read_all(connection) for connection in connections]
    for connection in connections:
        connection.close()
    assert time.perf_counter() - start < SECONDS * 5
    problem(answers[0], 408, "body-timeout")
    assert answers[1:] == [b"", b""]
    time.sleep(max(0, start + SECONDS * 2 + 1 - time.perf_counter()))
    with takes_none:
        assert len(read_all(takes_none)) < 1 << 20, "the rest is not kept for it"


def test_clients_that_go_away(server: Running) -> None:
    """In the middle of a body, with a body that is cut off, and in the middle of a streamed answer."""
    with server.connect() as connection:
        connection.sendall(post("/v1/score", BODY)[:-50])
    with server.connect() as connection:
        connection.sendall(post("/v1/score", BODY, length=len(BODY) + 100))
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b""
    lines = (BODY + b"\n") * 30_000
    head = post("/v1/score/stream", b"", length=len(lines)).replace(b"application/json", b"application/x-ndjson")
    with server.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # gone without a word
        threading.Thread(target=_send, args=(connection, head + lines), daemon=True).start()
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")
    end = time.monotonic() + 20
    while [line["status"] for line in server.lines() if line["event"] == "request"].count(499) < 2 or not any(
        line.get("path") == "/v1/score/stream" for line in server.lines()
    ):
        assert time.monotonic() < end
        time.sleep(0.1)


def _send(connection: socket.socket, data: bytes) -> None:
    with suppress(OSError):
        connection.sendall(data)


ODD: dict[str, tuple[bytes, int, str]] = {
    "a wrong method": (b"PUT /v1/score HTTP/1.1\r\n" + CLOSE, 405, "method-not-allowed"),
    "an unknown path": (b"GET /v1/scores HTTP/1.1\r\n" + CLOSE, 404, "not-found"),
    "up and down": (b"GET /v1/%2e%2e/metrics HTTP/1.1\r\n" + CLOSE, 404, "not-found"),
    "two slashes": (b"POST //v1/score HTTP/1.1\r\nAccept: application/json\r\n" + CLOSE, 404, "not-found"),
    "a file of the program": (
        b"GET /static/..%2f..%2fapp.py HTTP/1.1\r\nAccept: application/json\r\n" + CLOSE,
        404,
        "not-found",
    ),
    "one of the system": (
        b"GET /folder/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nAccept: application/json\r\n" + CLOSE,
        404,
        "not-found",
    ),
    "a foreign host": (b"GET /v1/model HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421, "wrong-host"),
    "no host": (b"GET /v1/model HTTP/1.0\r\n\r\n", 421, "wrong-host"),
    "an unknown method": (b"FROB /v1/score HTTP/1.1\r\n" + CLOSE, 400, "invalid-http"),
    "bytes in the path": (b"GET /\xff\xfe HTTP/1.1\r\n" + CLOSE, 400, "invalid-http"),
    "a header in a header": (b"GET /healthz HTTP/1.1\r\nX-Request-ID: a\rb: c\r\n" + CLOSE, 400, "invalid-http"),
    "no HTTP": (MARK.encode() + b"\r\n\r\n", 400, "invalid-http"),
    "an address of 100 KB": (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + CLOSE, 400, "invalid-http"),
    "a head of 1 MB": (b"GET / HTTP/1.1\r\nX-A: " + b"a" * (1 << 20), 431, "head-too-large"),
    "100,000 headers": (b"GET / HTTP/1.1\r\n" + b"X-A: a\r\n" * 100_000, 431, "head-too-large"),
}


@pytest.mark.parametrize(("sent", "status", "slug"), ODD.values(), ids=ODD)
def test_odd_requests(server: Running, sent: bytes, status: int, slug: str) -> None:
    problem(server.raw(sent), status, slug)


@pytest.mark.parametrize("given", ["a b", "<script>", MARK + "\x80", "x" * 65, "%0d%0aX-A: b", ""])
def test_a_request_id_is_echoed_only_if_it_is_harmless(server: Running, given: str) -> None:
    fields = b"X-Request-ID: " + given.encode("latin-1") + b"\r\n"
    _, headers, _ = parts(server.raw(b"GET /healthz HTTP/1.1\r\n" + fields + CLOSE))
    assert re.fullmatch("[0-9a-f]{16}", headers["x-request-id"])
    _, headers, _ = parts(server.raw(b"GET /healthz HTTP/1.1\r\nX-Request-ID: crm-7.a:b_c\r\n" + CLOSE))
    assert headers["x-request-id"] == "crm-7.a:b_c"


def test_old_and_pipelined_requests(server: Running) -> None:
    status, headers, _ = parts(server.raw(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n"))
    assert (status, headers["connection"]) == (200, "close")
    one = post("/v1/score", BODY).replace(b"Connection: close\r\n", b"")
    answers = server.raw(one * 20 + post("/v1/score", b"{") + b"GET /healthz HTTP/1.1\r\n" + CLOSE)
    statuses = re.findall(rb"HTTP/1.1 (\d+) ", answers)
    assert statuses == [b"200"] * 20 + [b"400"], "in their order, up to the one that closes"
    upgrade = b"GET /healthz HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\nHost: localhost\r\n\r\n"
    assert parts(server.raw(upgrade))[0] == 200


def test_200_requests_at_once(server: Running) -> None:
    """Each is answered or told to come again; none hangs."""
    body = json.dumps([LEAD] * 300).encode()
    with ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(lambda _: server.raw(post("/v1/score", body), 60), range(200)))
    refused = [answer for answer in answers if not answer.startswith(b"HTTP/1.1 200 ")]
    for answer in refused:
        problem(answer, 429, "too-many-requests")
        assert parts(answer)[1]["retry-after"] == "1"
    assert len(refused) < len(answers)
