"""Where the settings of a server come from, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from leadml.config import Config
from leadml.errors import ConfigError, UsageError
from leadml.serving.keys import hashed, holder, new_key
from leadml.serving.settings import gather

HASH = hashed("a key")
LEADS = {"path": "leads.csv", "outcome": "status", "converted": ["won"]}


def test_the_configuration_then_the_environment_then_the_command(tmp_path: Path) -> None:
    config = Config.of({"leads": LEADS, "serving": {"port": 1, "workers": 2, "max_leads": 3}}, folder=tmp_path)

    settings = gather(config, environ={"LEADML_SERVING_PORT": "4", "LEADML_SERVING_WORKERS": "5"}, given={"port": 6})

    assert (settings.port, settings.workers, settings.max_leads) == (6, 5, 3)
    assert settings.model == str(tmp_path / "models/champion")
    assert settings.lists == str(tmp_path / "lists")
    assert settings.reports == str(tmp_path / "reports")
    assert len(settings.secret) == 64


def test_without_a_configuration_paths_are_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    settings = gather(None, environ={"LEADML_SERVING_MODEL": "bundle"})

    assert settings.model == str(tmp_path / "bundle")
    assert settings.reports is None


def test_keys_and_hosts_in_the_environment() -> None:
    environ = {"LEADML_SERVING_KEYS": f"crm={HASH}, bi = {HASH}", "LEADML_SERVING_HOSTS": "a.example,b.example"}

    settings = gather(None, environ=environ)

    assert settings.keys == {"crm": HASH, "bi": HASH}
    assert settings.hosts == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("environ", "given", "told"),
    [
        ({"LEADML_SERVING_PROT": "1"}, {}, "did you mean 'port'"),
        ({"LEADML_SERVING_PORT": "many"}, {}, "serving.port must be a whole number"),
        ({"LEADML_SERVING_PORT": "70000"}, {}, "serving.port must be a whole number from 0 to 65535"),
        ({"LEADML_SERVING_KEYS": "leadml_abc"}, {}, "LEADML_SERVING_KEYS must be name=sha256"),
        ({"LEADML_SERVING_KEYS": "crm=leadml_abc"}, {}, "make one with `leadml key crm`"),
        ({}, {"model": "models:/leadml@champion"}, "serving.model must be a model folder, got models:/leadml@champion"),
        ({}, {"types": "loose"}, "serving.types must be one of strict, text"),
    ],
)
def test_what_is_refused(environ: dict[str, str], given: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        gather(None, environ=environ, given=given)


def test_a_folder_of_lists_that_is_named_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("nowhere", "file"):
        with pytest.raises(UsageError, match="--lists must be a folder that is there"):
            gather(None, environ={}, given={"lists": str(tmp_path / name)})
    assert gather(None, environ={}, given={"lists": str(tmp_path)}).lists == str(tmp_path)


def test_a_key_is_never_shown_again() -> None:
    with pytest.raises(ConfigError) as caught:
        gather(None, environ={"LEADML_SERVING_KEYS": "leadml_secret-of-mine-and-no-hash"})
    assert "secret-of-mine" not in str(caught.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "leads.example"])
def test_a_server_that_others_can_reach_needs_a_key(host: str) -> None:
    with pytest.raises(UsageError, match=r"serving\.keys must hold a key"):
        gather(None, environ={}, given={"host": host})
    assert gather(None, environ={}, given={"host": host, "keys": {"crm": HASH}}).names == frozenset()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_on_this_machine_no_key_is_needed(host: str) -> None:
    settings = gather(None, environ={}, given={"host": host})

    assert settings.is_local
    assert "localhost" in settings.names


def test_keys_are_known_by_their_hash() -> None:
    one, other = new_key(), new_key()
    keys = {"crm": hashed(one), "bi": hashed(other)}

    assert holder(one, keys) == "crm"
    assert holder(other, keys) == "bi"
    assert holder(one + " ", keys) is None
    assert holder("", keys) is None
    assert one.startswith("leadml_")
    assert len(one) > 40
