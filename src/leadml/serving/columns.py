"""A list of leads decoded straight into columns: the fast way to read one, for lists that are plainly in order.

Whatever calls for a closer look is left to ``LeadReader``, which finds out what it is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Union

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType
from msgspec.structs import astuple
from numpy.typing import NDArray

Values = Sequence[Any]
_PLAIN: frozenset[Any] = frozenset({str, type(None)})
_COLON, _BACKSLASH = b":\\"
_UNFIT = re.compile(r'["\\\x00-\x1f]')  # in a name: msgspec takes no field that is called so


class ColumnReader:
    """Reads lists whose leads have known columns only.

    ``kinds`` are the types of Python that the values of each column may have; ``timed`` are the columns of dates.
    """

    def __init__(self, kinds: Mapping[str, frozenset[Any]], timed: Iterable[str]) -> None:
        self._names = [name for name in kinds if not _UNFIT.search(name)]
        self._timed = tuple(timed)
        fields = [
            (f"f{i}", Union[(UnsetType, *kinds[name] - {list})], msgspec.field(default=UNSET, name=name))
            for i, name in enumerate(self._names)
        ]
        lead = msgspec.defstruct("Lead", fields, forbid_unknown_fields=True, gc=False)
        self._decode = msgspec.json.Decoder(list[lead]).decode  # type: ignore[valid-type]

    def read(self, body: bytes) -> dict[str, Values] | None:
        """Return the columns that leads (n,) have; None where it is no such list, or empty, or not plainly in order."""
        if body[:1] != b"[":
            return None
        try:
            leads = self._decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        columns: dict[str, Values] = {}
        n_names = 0
        for name, values in zip(self._names if leads else (), zip(*map(astuple, leads), strict=True), strict=True):
            if values[0] is not UNSET and UnsetType not in set(map(type, values)):
                columns[name] = values
                n_names += len(values)
            elif (n_absent := values.count(UNSET)) < len(values):
                columns[name] = [None if value is UNSET else value for value in values]
                n_names += len(values) - n_absent
        return columns if columns and self._all_once(body, columns, n_names) else None

    def _all_once(self, body: bytes, columns: Mapping[str, Values], n_names: int) -> bool:
        """Return whether no name stands twice in a lead, as far as counting colons tells.

        There is one for each name, and all others are in texts. So if those that are left, without the ones in the
        columns of dates, are as many as the names that were read, then none was lost.
        """
        data = np.frombuffer(body, dtype=np.uint8)
        if _has_escaped_colon(data):
            return False
        known = sum(_texts(columns.get(name, ())).count(":") for name in self._timed)
        return int(np.count_nonzero(data == _COLON)) - known == n_names


def _has_escaped_colon(data: NDArray[np.uint8]) -> bool:
    r"""Return whether ``\u003`` is in a body, as which a colon may be written."""
    at = np.flatnonzero(data[:-4] == _BACKSLASH)
    return bool(np.all([data[at + step] == byte for step, byte in enumerate(b"u003", 1)], axis=0).any())


def _texts(values: Values) -> str:
    """Return the texts among values as one."""
    if set(map(type, values)) <= _PLAIN:
        return "".join(filter(None, values))
    return "".join([value for value in values if type(value) is str])
