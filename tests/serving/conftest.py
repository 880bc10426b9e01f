"""What tests of the server share: a saved bundle, and clients of an app around it."""

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from asking import KEY, MakeClient
from starlette.testclient import TestClient

from leadml.model.bundle import Bundle, save
from leadml.serving.app import make_app
from leadml.serving.keys import hashed
from leadml.serving.log import AccessLog
from leadml.serving.settings import gather


@pytest.fixture(scope="session")
def bundle_folder(module_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved bundle that no test changes."""
    return save(module_bundle, tmp_path_factory.mktemp("served") / "bundle")


@pytest.fixture
def make_client(bundle_folder: Path) -> Iterator[MakeClient]:
    """Return a maker of clients; what it is given are settings. ``client.log()`` are the lines of its access log."""
    with ExitStack() as stack:

        def make(*, with_key: bool = False, folder: Path | None = None, **given: Any) -> TestClient:
            given |= {"model": str(folder or bundle_folder)} | ({"keys": {"crm": hashed(KEY)}} if with_key else {})
            stream = io.StringIO()
            app = make_app(gather(None, environ={}, given=given), log=AccessLog(stream))
            client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
            client.log = lambda: [json.loads(line) for line in stream.getvalue().splitlines()]  # type: ignore[attr-defined]
            return stack.enter_context(client)

        yield make


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client of an app with the default settings."""
    return make_client()
