"""What of the configuration goes into a model: a change of anything else calls for no training."""

from typing import Any

import msgspec

from leadml.config import Config
from leadml.leads.sources import shown

SECTIONS = ("leads", "duplicates", "events", "history", "label", "training", "gate")
FIXED = ("grades", "language")  # of [ranking]: written into the model


def learned_from(config: Config) -> dict[str, Any]:
    """Return the settings that training uses as plain data, with the values that they have by default."""
    settings: dict[str, Any] = {name: msgspec.to_builtins(getattr(config, name)) for name in SECTIONS}
    for name in ("leads", "events", "history"):
        if settings[name] is not None:
            settings[name]["path"] = shown(settings[name]["path"])  # without the password of a database
    settings["ranking"] = {name: msgspec.to_builtins(getattr(config.ranking, name)) for name in FIXED}
    return settings
