"""Keeping a process lean: Arrow loads pandas to look whether it was given a pandas column, a second and 60 MB."""

import sys
from importlib.abc import MetaPathFinder


class _WithoutPandas(MetaPathFinder):
    def find_spec(self, fullname: str, *_: object) -> None:
        """Refuse pandas alone."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def without_pandas() -> None:
    """Let nothing in this process load pandas; Arrow then takes it for not installed."""
    if not any(isinstance(finder, _WithoutPandas) for finder in sys.meta_path):
        sys.meta_path.insert(0, _WithoutPandas())
