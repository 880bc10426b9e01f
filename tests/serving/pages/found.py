"""What tests of the pages share: a key."""

from collections.abc import Callable

from starlette.testclient import TestClient

KEY = "leadml_a-key-of-the-tests"
MakeClient = Callable[..., TestClient]
