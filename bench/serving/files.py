"""A long CSV through the service: streamed through the API, and uploaded to the page as a browser does it."""

import http.client
import re
import threading
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlsplit

from pyarrow import csv

from leadml.leads.sample import make_sample
from leadml.leads.sample.files import PLAIN

ROWS = 100_000
PIECE = 1 << 18
BOUNDARY = "leadml-bench-boundary"
TOKEN = re.compile(r'name="token" value="([^"]+)"')
LIST = re.compile(r'href="(/lists/[^"?/]+)')


def write_long(path: Path) -> Path:
    """Write the CSV of new leads and return its path."""
    leads = make_sample(ROWS, seed=13, events=False).leads
    csv.write_csv(leads.drop_columns(["status", "won_at"]), path, PLAIN)
    return path


def times_three(path: Path, longer: Path) -> None:
    """Write a CSV that holds the rows of another one three times."""
    with path.open("rb") as source, longer.open("wb") as target:
        target.write(source.readline())
        body = source.read()
        for _ in range(3):
            target.write(body)


def stream(url: str, path: Path) -> float:
    """Stream a file through ``/v1/score/stream``, reading while it is sent; return the seconds until the last row."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
    connection.putrequest("POST", "/v1/score/stream")
    for name, value in (("Content-Type", "text/csv"), ("Accept", "text/csv")):
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(path.stat().st_size))
    connection.endheaders()
    sender = threading.Thread(target=_send, args=(connection, path))
    sender.start()
    response = connection.getresponse()
    lines = 0
    while piece := response.read(PIECE):
        lines += piece.count(b"\n")
    sender.join()
    connection.close()
    if response.status != 200 or lines < ROWS:
        raise SystemExit(f"the stream must answer {ROWS:,} rows, got {lines:,} and status {response.status}")
    return time.perf_counter() - start


def _send(connection: http.client.HTTPConnection, path: Path) -> None:
    with path.open("rb") as source:
        while piece := source.read(PIECE):
            connection.sock.sendall(piece)


def upload(url: str, path: Path) -> float:
    """Upload a file on the page and open its list; return the seconds from the upload to the list's first page."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    token = _found(TOKEN, _read(browser, url + "/"))
    parts = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="leads.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    body = parts.encode() + path.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()
    request = urllib.request.Request(
        url + "/uploads", body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Origin": url}
    )
    start = time.perf_counter()
    preview = _read(browser, request)
    _read(browser, url + _found(LIST, preview))
    return time.perf_counter() - start


def _read(browser: urllib.request.OpenerDirector, request: urllib.request.Request | str) -> str:
    with browser.open(request, timeout=120) as response:
        text: bytes = response.read()
        return text.decode("utf-8")


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise SystemExit(f"the page must hold {pattern.pattern}, and does not:\n{page[:2000]}")
    return found[1]
