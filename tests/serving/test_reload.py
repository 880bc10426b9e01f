"""A model that is replaced while a real server scores: no request is lost or mixed, and a bad bundle never serves."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from asking import LEAD
from process import Running, running

from leadml.model.bundle import MANIFEST, PASSPORT, SCHEMA, SCORECARD, Bundle, save
from leadml.model.scorer import Scorer
from leadml.model.store import Store

LOOK = 15.0  # seconds within which a server must have looked, on a busy machine
PROMOTIONS = 20  # one after another, faster than the server looks
FILES = (MANIFEST, SCORECARD, SCHEMA, PASSPORT)
Files = dict[str, bytes | None]


def version(bundle: Bundle, number: str) -> Bundle:
    """Return a bundle whose base, and so every probability, tells its version."""
    return msgspec.structs.replace(
        bundle,
        scorecard=msgspec.structs.replace(bundle.scorecard, base=-2 + 0.25 * int(number)),
        passport=msgspec.structs.replace(bundle.passport, model_version=number),
    )


class Asked:
    """Threads that score a lead all the while, over connections that stay open."""

    def __init__(self, server: Running, bundle: Bundle) -> None:
        self.server, self.over, self.wrong = server, threading.Event(), list[object]()
        self.seen = set[str]()
        self.logits = {
            str(number): Scorer(version(bundle, str(number))).score_one(LEAD).logit for number in range(1, 4)
        }

    def _ask(self, body: Any) -> None:
        client = self.server.client()
        while not self.over.is_set():
            answer = client.post("/v1/score", json=body)
            for lead in answer.json() if isinstance(body, list) else [answer.json()]:
                if answer.status_code != 200 or lead["logit"] != pytest.approx(self.logits[lead["model_version"]]):
                    self.wrong.append(answer.text)
            versions = {lead["model_version"] for lead in answer.json()} if isinstance(body, list) else set()
            self.wrong += [answer.text] if len(versions) > 1 else []
            self.seen |= versions

    @contextmanager
    def all_the_while(self) -> Iterator["Asked"]:
        threads = [threading.Thread(target=self._ask, args=(body,)) for body in (LEAD, [LEAD] * 3, [LEAD] * 600)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.over.set()
            for thread in threads:
                thread.join()
        assert not self.wrong, self.wrong[0]


def ready(server: Running) -> dict[str, Any]:
    said: dict[str, Any] = httpx.get(f"{server.address}/readyz", trust_env=False).json()
    return said


def metric(server: Running, name: str) -> float:
    text = httpx.get(f"{server.address}/metrics", trust_env=False).text
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"{name} "))


def wait_for(server: Running, wanted: Callable[[dict[str, Any]], bool]) -> None:
    end = time.monotonic() + LOOK
    while not wanted(ready(server)):
        assert time.monotonic() < end, ready(server)
        time.sleep(0.05)


def test_promotions_lose_and_mix_no_request(module_bundle: Bundle, tmp_path: Path) -> None:
    store = Store(tmp_path / "models")
    for _ in range(3):
        store.save(lambda number: version(module_bundle, number))
    store.promote(1)
    with running(store.link, tmp_path) as server, Asked(server, module_bundle).all_the_while() as asked:
        for step in range(PROMOTIONS):
            store.promote(1 + step % 3)
            time.sleep(0.1)
        for number in (2, 1, 3):  # three changes, however many of those before were seen
            store.promote(number)
            wait_for(server, lambda said, number=number: said["model_version"] == str(number))  # type: ignore[misc]
            time.sleep(0.2)
        assert len(asked.seen) == 3, "each has served"
        assert metric(server, "leadml_model_reloads_total") >= 3
        store.link.unlink()
        wait_for(server, lambda said: "refused" in said)
        assert ready(server)["model_version"] == "3", "without a champion the last one goes on"
        store.promote(1)
        wait_for(server, lambda said: said["model_version"] == "1" and "refused" not in said)
    assert "Traceback" not in server.log()
    assert all(line["status"] == 200 for line in server.lines() if line["event"] == "request")


@pytest.fixture(scope="module")
def other_files(module_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """The files of version 2."""
    folder = save(version(module_bundle, "2"), tmp_path_factory.mktemp("other") / "bundle")
    return {name: (folder / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def served(module_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    """A server of version 1, and the folder that it serves."""
    folder = tmp_path_factory.mktemp("reload")
    model = save(version(module_bundle, "1"), folder / "bundle")
    with running(model, folder) as server:
        yield server, model


def refused_while(server: Running, old: str) -> None:
    """The old model must go on, and the server must say that a newer one was refused, but nothing of where it lies."""
    wait_for(server, lambda said: "refused" in said)
    said = ready(server)
    assert said["model_version"] == old
    assert said["status"] == "ready"
    assert "/" not in said["refused"]
    assert metric(server, "leadml_model_refused") == 1
    answer = httpx.post(f"{server.address}/v1/score", json=LEAD, trust_env=False)
    assert answer.json()["model_version"] == old


def mended(server: Running, new: str) -> None:
    wait_for(server, lambda said: said["model_version"] == new and "refused" not in said)
    assert metric(server, "leadml_model_refused") == 0


def _cut(files: Files) -> Files:
    return {**files, SCORECARD: (files[SCORECARD] or b"")[:-200]}


def _without(files: Files) -> Files:
    return {**files, SCHEMA: None}


def _too_new(files: Files) -> Files:
    return {**files, MANIFEST: json.dumps({**json.loads(files[MANIFEST] or b""), "format": 99}).encode()}


def _manifest_first(files: Files) -> Files:
    return {MANIFEST: files[MANIFEST]}


def _manifest_last(files: Files) -> Files:
    return {SCORECARD: files[SCORECARD], PASSPORT: files[PASSPORT]}


def write(files: Files, folder: Path) -> None:
    """Write files one by one over others, as a copy does; None takes one away."""
    for name, data in files.items():
        if data is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(data)


@pytest.mark.parametrize("half", [_manifest_first, _manifest_last, _cut, _without, _too_new])
def test_a_bundle_that_is_not_whole_never_serves(
    served: tuple[Running, Path],
    module_bundle: Bundle,
    other_files: Files,
    half: Callable[[Files], Files],
) -> None:
    """Written over the old one file by file, or damaged: the old one serves until the new one is whole."""
    server, model = served
    old: Files = {name: (model / name).read_bytes() for name in FILES}
    with Asked(server, module_bundle).all_the_while():
        write(half(other_files), model)
        refused_while(server, "1")
        write(other_files, model)
        mended(server, "2")
        write(old, model)
        mended(server, "1")
    assert "Traceback" not in server.log()
