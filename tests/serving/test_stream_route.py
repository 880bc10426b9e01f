"""``POST /v1/score/stream``: what is answered, and how a real server deals with slow, silent and vanishing clients."""

import csv
import http.client
import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from asking import LEAD, MakeClient
from process import Running, running
from starlette.testclient import TestClient

CSV, LINES = {"Content-Type": "text/csv"}, {"Content-Type": "application/x-ndjson"}
PATH = "/v1/score/stream"
HEAD = b"lead_id,visits,source,created_at\n"
ROW = b"%d,4,web,2026-10-01\n"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_csv_scores_as_single_leads(client: TestClient) -> None:
    answer = client.post(PATH, params={"as_of": "2026-10-02"}, content=HEAD + ROW % 1, headers=CSV)

    lead = {"lead_id": "1", "visits": 4, "source": "web", "created_at": "2026-10-01"}
    alone = client.post("/v1/score?as_of=2026-10-02", json=lead).json()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = rows(answer.text)
    assert [*row] == [*alone, "error"]
    assert (row["lead_id"], float(row["logit"]), row["as_of"]) == ("1", alone["logit"], "2026-10-02T00:00:00Z")
    assert row["reasons"] == "; ".join(f"{'+-'[one['contribution'] < 0]} {one['text']}" for one in alone["reasons"])


def test_lines_score_as_single_leads(client: TestClient) -> None:
    leads: list[dict[str, Any]] = [
        LEAD,
        {"visits": 1, "shoe_size": 45, "as_of": "2026-10-05"},
        {"lead_id": 7, "visits": "many"},
        {"visits": 1, "as_of": "soon"},
        {},
    ]
    body = b"\n".join(json.dumps(lead).encode() for lead in leads)
    answer = client.post(PATH, params={"as_of": "2026-10-02"}, content=body, headers=LINES)

    assert answer.headers["content-type"] == "application/x-ndjson; charset=utf-8"
    found = lines(answer.text)
    for at in (0, 1, 4):
        assert found[at] == client.post("/v1/score?as_of=2026-10-02", json=leads[at]).json()
    assert found[1]["ignored_fields"] == ["shoe_size"]
    assert found[2] == {"lead_id": "7", "line": 3, "error": "visits: must be a number, got a text"}
    assert found[3]["error"].startswith("as_of: must be a date")


def test_settings_hold_for_lines_too(make_client: MakeClient) -> None:
    body = b'{"visits": "5"}\n{"shoe_size": 1}\n' * 10
    client = make_client(types="text", unknown_fields="refuse", max_leads=3)
    found = lines(client.post(PATH, content=body, headers=LINES).text)
    assert ["error" in one for one in found] == [False, True] * 10
    assert found[1]["error"] == "shoe_size: must be a field that the model knows, got another; see /v1/model/schema"


@pytest.mark.parametrize("kind", [CSV, LINES])
def test_no_reasons(client: TestClient, kind: dict[str, str]) -> None:
    body = HEAD + ROW % 1 if kind == CSV else b'{"visits": 4}'
    text = client.post(f"{PATH}?reasons=false", content=body, headers=kind).text
    (row,) = rows(text) if kind == CSV else lines(text)
    assert not row["reasons"]


def test_what_is_refused(client: TestClient) -> None:
    for kind in ("application/json", "text/html", ""):
        assert client.post(PATH, content=HEAD, headers={"Content-Type": kind}).status_code == 415
    for query in ("as_of=soon", "reasons=maybe"):
        assert client.post(f"{PATH}?{query}", content=HEAD, headers=CSV).json()["title"] == "A parameter is wrong"
    for body in (b"", b"a,b\n1,2\n", b"PK\x03\x04"):
        answer = client.post(PATH, content=body, headers=CSV)
        assert (answer.status_code, answer.json()["title"]) == (422, "The leads cannot be read")
    assert client.post(PATH, content=HEAD, headers=LINES).status_code == 422
    assert client.get(PATH).status_code == 405


def test_leads_are_counted(client: TestClient) -> None:
    client.post(PATH, content=HEAD + ROW % 1 + b"2,x,,\n3\n" + ROW % 4, headers=CSV)
    entry = client.log()[-1]  # type: ignore[attr-defined]
    assert (entry["path"], entry["status"], entry["leads"]) == (PATH, 200, 2)
    metrics = client.get("/metrics").text
    assert "leadml_leads_rejected_total 2.0" in metrics
    assert sum(client.app.state.metrics.today().values()) == 2  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def server(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    environ = {"LEADML_SERVING_TIMEOUT_SECONDS": "2"}
    with running(bundle_folder, tmp_path_factory.mktemp("stream"), environ=environ) as server:
        yield server


def opened(server: Running, kind: str, length: int | None = None) -> http.client.HTTPConnection:
    """Return a connection that has sent the head of a request, whose body is to follow."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("POST", PATH)
    connection.putheader("Content-Type", kind)
    name, value = ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))
    connection.putheader(name, value)
    connection.endheaders()
    return connection


def send(connection: http.client.HTTPConnection, data: bytes) -> None:
    connection.send(b"%x\r\n%s\r\n" % (len(data), data))


def streams(server: Running) -> list[dict[str, Any]]:
    """Return what the log says of the streams that have ended."""
    return [line for line in server.lines() if line.get("path") == PATH]


def memory(server: Running) -> int:
    """Return the most memory that a process of the server has had, in MB."""
    pids = [server.process.pid]
    for pid in pids:
        pids += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split())
    texts = [Path(f"/proc/{pid}/status").read_text(encoding="utf-8") for pid in pids]
    return max(int(text.partition("VmHWM:")[2].split()[0]) for text in texts) // 1024


def test_the_answer_comes_while_the_body_is_sent_and_memory_stays(server: Running) -> None:
    block = b"".join(ROW % i for i in range(10_000))

    def send_blocks(connection: http.client.HTTPConnection, n: int) -> None:
        for _ in range(n):
            send(connection, block)
        connection.send(b"0\r\n\r\n")

    peaks = []
    for n in (20, 100):
        connection = opened(server, "text/csv")
        send(connection, HEAD + block * 10)
        response = connection.getresponse()  # with most of the body still to come
        sender = threading.Thread(target=send_blocks, args=(connection, n))
        sender.start()
        answer = response.read().decode()
        sender.join()
        connection.close()
        assert answer.count("\n") == 10_000 * (n + 10) + 1
        assert answer.rstrip().rpartition("\n")[2].startswith("9999,")
        peaks.append(memory(server))
    assert peaks[1] - peaks[0] < 40


def test_a_client_that_takes_nothing_is_left(server: Running) -> None:
    n_done = len(streams(server))
    connection = opened(server, "text/csv")
    block = b"".join(ROW % i for i in range(10_000))
    sent = 0
    send(connection, HEAD)
    with suppress(ConnectionError):  # the server stops to read, and then to wait
        while sent < 400 << 20:
            send(connection, block)
            sent += len(block)
    assert sent < 100 << 20
    end = time.monotonic() + 20
    while len(streams(server)) == n_done:
        assert time.monotonic() < end
        time.sleep(0.1)
    connection.close()
    assert streams(server)[-1]["leads"] > 0


def test_a_client_that_falls_silent_is_left(server: Running) -> None:
    connection = opened(server, "text/csv")
    send(connection, HEAD)
    response = connection.getresponse()
    assert response.status == 408
    assert json.loads(response.read())["title"] == "The body came too slowly"
    connection.close()

    connection = opened(server, "text/csv")
    send(connection, HEAD + b"".join(ROW % i for i in range(100_000)))
    response = connection.getresponse()
    assert response.status == 200
    start = time.monotonic()
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    assert time.monotonic() - start < 10
    connection.close()


def test_clients_that_go_away_leave_no_stream_behind(server: Running) -> None:
    for _ in range(12):  # more than may stream at once
        connection = opened(server, "text/csv", length=100 << 20)
        connection.send(HEAD + b"".join(ROW % i for i in range(60_000)))
        connection.getresponse().read(1000)
        connection.close()
    end = time.monotonic() + 10
    with server.client() as client:
        while (status := client.post(PATH, content=HEAD + ROW % 1, headers=CSV).status_code) == 429:
            assert time.monotonic() < end
            time.sleep(0.1)
    assert status == 200
    assert "Traceback" not in server.log()
