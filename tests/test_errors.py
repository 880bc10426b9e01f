"""The tree of errors: what each ends with, and how faults read."""

import pytest

from leadml import errors
from leadml.errors import ConfigError, DataError, Fault, LeadmlError, SourceError, UsageError

TREE = [error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, LeadmlError)]


@pytest.mark.parametrize("error", TREE)
def test_every_error_is_in_the_drawing_with_its_exit_code(error: type[LeadmlError]) -> None:
    drawn = {line.strip("├│└─ ").split("  ")[0]: line for line in (errors.__doc__ or "").splitlines()}
    assert error.__name__ in drawn
    if error is not LeadmlError:
        assert drawn[error.__name__].endswith(f"exit {error.exit_code}")


def test_what_is_wrong_usage_and_what_is_refused() -> None:
    assert issubclass(ConfigError, UsageError)
    assert issubclass(SourceError, DataError)
    assert {error.exit_code for error in TREE} == {1, 2}


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("must be a number, got 'x'"), "must be a number, got 'x'"),
        (Fault("m", line=3), "line 3: m"),
        (Fault("m", column="visits"), "column 'visits': m"),
        (Fault("m", 3, "visits"), "line 3, column 'visits': m"),
        (Fault("m", 3, "visits", 1200), "line 3, column 'visits': m (1,200 times; this is the first)"),
    ],
)
def test_a_fault_reads_as_one_line(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_an_error_lists_its_faults() -> None:
    error = DataError("the leads must be free of faults:", [Fault("a", 2), Fault("b", 3)])
    assert str(error) == "the leads must be free of faults:\n  - line 2: a\n  - line 3: b"
    assert error.faults == (Fault("a", 2), Fault("b", 3))
    assert DataError("nothing more").faults == ()
