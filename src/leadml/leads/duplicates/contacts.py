"""E-mail addresses and telephone numbers in the one form in which they are compared."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.leads.emails import FREE_BRANDS, FREE_DOMAINS
from leadml.leads.texts import Rows, TextBytes

Numbers = NDArray[np.int64]

_AT, _PLUS, _LESS = (ord(sign) for sign in "@+<")
_GMAIL = r"@(?:gmail|googlemail)\.com$"
ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
# boxes that many people write from or read
SHARED_BOXES = frozenset(
    {
        *("info", "sales", "office", "contact", "hello", "hi", "mail", "email", "admin", "support", "service", "team"),
        *("marketing", "purchasing", "accounting", "billing", "finance", "hr", "jobs", "press", "enquiries", "inquiry"),
        *("kontakt", "buero", "büro", "post", "anfrage", "anfragen", "verkauf", "vertrieb", "einkauf", "zentrale"),
        *("buchhaltung", "rechnung", "bewerbung", "sekretariat", "empfang", "verwaltung", "shop", "welcome"),
        *("geschaeftsfuehrung", "geschäftsführung", "webmaster", "postmaster", "datenschutz", "presse", "personal"),
    }
)
# what people type where they have, or give, no address
NO_BOXES = frozenset(
    {
        *("noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "noemail", "no-email", "nomail", "none"),
        *("no", "na", "n.a", "nobody", "unknown", "test", "tester", "testing", "dummy", "fake", "asdf", "example"),
        *("keine", "kein", "keinemail", "keine-email", "unbekannt", "xxx", "x", "abc"),
    }
)
_FREE = "^(?:" + "|".join(sorted(FREE_BRANDS)) + r")\."
_TWO_DIGITS = frozenset(  # country codes of two digits; 1 and 7 have one, all others three
    {20, 27, *range(30, 35), 36, 39, 40, 41, *range(43, 50), *range(51, 59), *range(60, 67)}
    | {81, 82, 84, 86, *range(90, 96), 98}
)
_CODE_DIGITS = np.array([0 if i < 10 else 1 if i // 10 in (1, 7) else 2 if i in _TWO_DIGITS else 3 for i in range(100)])
_LEAST, _MOST = 7, 15  # digits of a telephone number
_EXTENSION = r"(?i)\s*[/,;-]?\s*(?:ext|extension|x|durchwahl|dw|app|apparat)\.?:?\s*\d{1,5}\s*$"
_IN_ORDER = [int(digits[:n]) for digits in ("1234567890", "9876543210") for n in range(_LEAST, 11)]


def normal_emails(text: pa.Array) -> pa.Array:
    """Return addresses (n,) in lower case, without a ``+tag`` and what stands around ``<an address>``.

    Gmail reads ``a.nna@googlemail.com`` and ``anna@gmail.com`` as one, so they are one here. What is no address
    stays as it is, stripped and in lower case: ``boxes`` tells.
    """
    text = pc.utf8_lower(text)
    held = TextBytes.of(text)
    at = held.where(_AT)
    google = at[(held.at(at + 1) == ord("g")) & np.isin(held.at(at + 2), (ord("m"), ord("o")))]
    spaces = np.flatnonzero((held.data <= ord(" ")) | (held.data >= 128))  # all others are plain already
    odd = held.rows(np.concatenate((held.where(_LESS), held.where(_PLUS), google, spaces)))
    return _mended(text, odd, _plain_address) if odd.size else text


def _plain_address(some: pa.Array) -> pa.Array:
    some = pc.utf8_trim_whitespace(pc.replace_substring_regex(some, r"^.*<\s*|\s*>.*$", ""))
    some = pc.replace_substring_regex(some, r"^([^@+]+)\+[^@]*@", r"\1@")
    box = pc.replace_substring(pc.replace_substring_regex(some, r"@.*$", ""), ".", "")
    is_gmail = pc.match_substring_regex(some, _GMAIL)
    return pc.if_else(is_gmail, pc.binary_join_element_wise(box, "gmail.com", "@"), some)


def _mended(text: pa.Array, rows: Rows, mend: Callable[[pa.Array], pa.Array]) -> pa.Array:
    mask = np.zeros(len(text), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(text, pa.array(mask), mend(text.take(pa.array(rows))))


def boxes(addresses: pa.Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which of n addresses (n,) could be somebody's, and which (n,) are boxes that many people share."""
    box = pc.replace_substring_regex(addresses, r"@.*$", "")
    real = pc.and_not(pc.match_substring_regex(addresses, ADDRESS), pc.is_in(box, pa.array(sorted(NO_BOXES))))
    shared = pc.is_in(box, pa.array(sorted(SHARED_BOXES)))
    return _mask(real), _mask(shared)


def firm_domains(addresses: pa.Array) -> pa.Array:
    """Return the domain (n,) of each address; null where it is a free mail service's, or there is none."""
    split = pc.split_pattern(addresses, "@")
    ends = split.offsets.to_numpy()[1:] - 1
    known = np.diff(split.offsets.to_numpy()) == 2
    domain = split.values.take(pa.array(np.where(known, ends, 0), mask=~known)).dictionary_encode()
    names = domain.dictionary
    free = pc.or_(pc.is_in(names, pa.array(sorted(FREE_DOMAINS))), pc.match_substring_regex(names, _FREE))
    return pc.if_else(free, None, names).take(domain.indices)


def phone_numbers(text: pa.Array) -> Numbers:
    """Return telephone numbers (n,) as whole numbers, 0 where there is none that tells anything.

    A number is what is dialled inside its country: ``+49 (0)30 1234567``, ``0049301234567`` and ``030/1234567``
    are all 301234567. So a country's code is dropped where ``+`` or ``00`` stands before it, or where there are 11
    digits or more without a 0 before them; then zeros are. An extension is dropped. There must be 7 to 15 digits.
    A digit repeated, digits in order (123456789), and six zeros at the end are placeholders.
    """
    start, end, digits, plus = _digits(_without_extension(text))

    def digit(k: int) -> NDArray[np.intp]:
        there = start + k < end
        return np.where(there, digits[np.where(there, start + k, 0)], 0) if len(digits) else np.zeros(len(start), int)

    total = end - start
    double = (digit(0) == 0) & (digit(1) == 0)
    abroad = plus | double | ((digit(0) != 0) & (total >= 11))
    start = start + 2 * double
    start = start + np.where(abroad, _CODE_DIGITS[10 * digit(0) + digit(1)], 0)
    for _ in range(3):
        start = start + ((digit(0) == 0) & (start < end))
    left = np.where(total <= _MOST, np.maximum(end - start, 0), 0)
    value = np.zeros(len(start), dtype=np.int64)
    for k in range(int(left.max(initial=0))):
        value = np.where(k < left, value * 10 + digit(k), value)
    return np.where((left >= _LEAST) & ~_made_up(value, left), value, 0)


def _made_up(value: Numbers, n_digits: NDArray[np.intp]) -> NDArray[np.bool_]:
    ones = (10 ** n_digits.astype(np.int64) - 1) // 9
    made_up: NDArray[np.bool_] = (
        (value % np.maximum(ones, 1) == 0) | np.isin(value, _IN_ORDER) | (value % 1_000_000 == 0)
    )
    return made_up


def _without_extension(text: pa.Array) -> pa.Array:
    held = TextBytes.of(text)
    letters = np.flatnonzero((held.data | 32) - ord("a") < 26)  # bytes wrap around below "a"
    if not letters.size:
        return text
    return _mended(text, held.rows(letters), lambda some: pc.replace_substring_regex(some, _EXTENSION, ""))


def _digits(text: pa.Array) -> tuple[Rows, Rows, NDArray[np.intp], NDArray[np.bool_]]:
    """Return where each text's digits start and end (n,), all digits (m,), and which texts (n,) begin with ``+``."""
    held = TextBytes.of(text)
    places = np.flatnonzero(held.data - ord("0") < 10)  # bytes wrap around below "0"
    start, end = np.searchsorted(places, held.offsets[:-1]), np.searchsorted(places, held.offsets[1:])
    there = end > start
    first = places[np.where(there, start, 0)] if len(places) else np.zeros(len(start), dtype=np.intp)
    plus = there & (first > held.offsets[:-1]) & (held.at(np.maximum(first - 1, 0)) == _PLUS)
    return start, end, (held.data[places] - ord("0")).astype(np.intp), plus


def _mask(array: pa.Array) -> NDArray[np.bool_]:
    return pc.fill_null(array, False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
