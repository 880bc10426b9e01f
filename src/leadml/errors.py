"""The errors of leadml. Each message reads "X must ..., got ...; do ...".

LeadmlError                 anything leadml raises on purpose
├── UsageError              the call is wrong: an option, an argument            exit 2
│   └── ConfigError         a key of leadml.toml is wrong                        exit 2
├── DataError               the table is refused, with all its faults            exit 1
│   └── SourceError         the file cannot be read as a table at all            exit 1
├── TrainingRefused         the leads cannot carry a model, and why              exit 1
├── BundleError             a model folder is damaged, too new, or not there     exit 1
├── TrackingError           MLflow cannot be reached, or is locked               exit 1
└── OutputError             a result cannot be written                           exit 1
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a table.

    ``line`` is the line in the file (the header is line 1), or the 1-based row number where there is no
    file. ``count`` says how many further places have the same fault.
    """

    message: str
    line: int | None = None
    column: str | None = None
    count: int = 1

    def __str__(self) -> str:
        """Return the fault as one line: place, message, and how often."""
        place = [f"line {self.line}"] if self.line is not None else []
        place += [f"column {self.column!r}"] if self.column is not None else []
        more = f" ({self.count:,} times; this is the first)" if self.count > 1 else ""
        return (", ".join(place) + ": " if place else "") + self.message + more


class LeadmlError(Exception):
    """The root of every error that leadml raises on purpose."""

    exit_code = 1


class UsageError(LeadmlError):
    """The call is wrong: an option or an argument."""

    exit_code = 2


class ConfigError(UsageError):
    """A key of leadml.toml is wrong."""


class DataError(LeadmlError):
    """A table is refused; ``faults`` holds everything that is wrong with it."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join([message, *(f"  - {fault}" for fault in self.faults)]))


class SourceError(DataError):
    """A file cannot be read as a table at all."""


class TrainingRefused(LeadmlError):
    """The leads cannot carry a model."""


class BundleError(LeadmlError):
    """A model folder is damaged, too new, or not there."""


class TrackingError(LeadmlError):
    """MLflow cannot be reached, or its database is locked."""


class OutputError(LeadmlError):
    """A result cannot be written."""
