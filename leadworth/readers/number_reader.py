"""Reader of numbers of people, pages, days and the like; of a range, the lower end."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from leadworth.readers.number_notation import NOT_A_NUMBER, Mark, Notation, parse_notation, plain_spelling
from leadworth.readers.number_words import AT_LEAST, AT_LEAST_AFTER, AT_MOST, AT_MOST_AFTER, BETWEEN, TO
from leadworth.readers.placeholders import VALUE_PLACEHOLDERS
from leadworth.readers.text_reader import read_text
from leadworth.unreadable import Unreadable

_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_PLAIN_COUNT = re.compile(r"[+-]?[0-9]+(?:\.(?:[0-9]{1,2}|[0-9]{4,}))?")
_PLAIN_WITH_COMMA = re.compile(r"[+-]?[0-9]+")
_LONGEST = 100
EITHER_AMOUNT = Unreadable(
    "an amount with a point before three digits, thousands or decimals; allowed: 10000, 10,000.00"
)
_WORDY = re.compile(r"[^\W\d_]")


def read_number(value: Any, decimal: Mark | None = None, *, counts: bool = False) -> float | Unreadable | None:
    """Return the finite number in a value; of a range the lower end, which is 0 for "under 50".

    The whole text must be a number with what people write with it: a currency, a magnitude, a unit, "about". A
    single separator before exactly three digits is a thousands separator if it is a comma, a decimal mark if it is a
    point, unless the decimal mark is given. A point before three digits of an amount with a currency is unreadable, as
    for `leadworth.readers.money_reader`; in a count, of which there are no thousandths, it separates thousands.

    Parameters
    ----------
    value
        Of any type.
    decimal
        Decimal mark of the file; None where it is not known.
    counts
        Whether it is a number of people, pages or the like.

    Examples
    --------
    >>> read_number("1.234,50 €"), read_number("1,5"), read_number("51-200"), read_number("1,000+ employees")
    (1234.5, 1.5, 51.0, 1000.0)
    >>> read_number("1.234", ","), read_number("12K"), read_number("n/a"), read_number("many")
    (1234.0, 12000.0, None, Unreadable(reason='not a number'))
    >>> read_number("1.234"), read_number("1.234", counts=True), bool(read_number("10.000 €"))
    (1.234, 1234.0, False)
    """
    if isinstance(value, (int, float)):
        return _finite(value)
    if isinstance(value, Decimal):
        return _finite(value) if value.is_finite() else None
    written = read_text(value)
    if written is None:
        return None
    plain = _PLAIN_WITH_COMMA if decimal == "," else _PLAIN_COUNT if counts and decimal is None else _PLAIN
    if plain.fullmatch(written):
        return _finite(float(written))
    return _read_written(written, decimal, counts) if len(written) <= _LONGEST else NOT_A_NUMBER


def read_count(value: Any, decimal: Mark | None = None) -> float | Unreadable | None:
    """Return a number of people, pages or the like; see `read_number`.

    Examples
    --------
    >>> [read_count(text) for text in ("1.234", "1,234", "1.000-5.000", "12.5")], read_count("1.234", ".")
    ([1234.0, 1234.0, 1000.0, 12.5], 1.234)
    """
    return read_number(value, decimal, counts=True)


def _finite(value: float | Decimal) -> float | Unreadable | None:
    try:
        number = float(value)
    except OverflowError:  # an integer beyond the largest float
        return NOT_A_NUMBER
    if math.isnan(number):
        return None
    return number if math.isfinite(number) else NOT_A_NUMBER


# Ranges repeat from lead to lead, and one takes 60 us. At most 4,096 texts of 100 characters.
@lru_cache(maxsize=4_096)
def _read_written(written: str, decimal: Mark | None, counts: bool) -> float | Unreadable | None:
    if written in VALUE_PLACEHOLDERS:
        return None
    spelled = plain_spelling(written)
    if spelled is None:
        return NOT_A_NUMBER
    number = _parse(spelled, decimal, counts)
    if isinstance(number, Notation):
        return number.value
    bound = None if number is EITHER_AMOUNT else _read_range(spelled, decimal, counts)
    return number if bound is None else bound


def _parse(spelled: str, decimal: Mark | None, counts: bool) -> Notation | Unreadable:
    """Parse a number; a point before three digits is read as the kind of the number says."""
    number = parse_notation(spelled, decimal)
    if isinstance(number, Unreadable) or number.either_way != ".":
        return number
    if "currency" in number.parts:
        return EITHER_AMOUNT
    return parse_notation(spelled, ",") if counts and number.factor == 1.0 else number


def _read_range(spelled: str, decimal: Mark | None, counts: bool) -> float | Unreadable | None:
    """Return the lower end of a range, 0 where only its upper end is written; None where it is no range."""
    for before, after, lower in ((AT_LEAST, AT_LEAST_AFTER, True), (AT_MOST, AT_MOST_AFTER, False)):
        rest = _without(spelled, before, after)
        number = None if rest is None else _parse(rest, decimal, counts)
        if number is EITHER_AMOUNT:
            return number if lower else 0.0
        if isinstance(number, Notation) and number.value >= 0.0:  # "ab-00001" is an id
            return number.value if lower else 0.0
    match = _between().fullmatch(spelled)
    if match is None:
        return None
    low = _parse(match["low"].strip(), decimal, counts)
    high = _parse(match["high"].strip(), decimal, counts)
    if low is EITHER_AMOUNT or high is EITHER_AMOUNT:
        return EITHER_AMOUNT
    if isinstance(low, Unreadable) or isinstance(high, Unreadable):
        return None
    if low.factor == 1.0 and high.factor != 1.0 and low.value * high.factor <= high.value:
        return low.value * high.factor
    return low.value if low.value <= high.value else None


def _without(spelled: str, before: frozenset[str], after: frozenset[str]) -> str | None:
    """Return the text without the words of an open range before or after it; None where it has none."""
    match = _open_range(before).match(spelled)
    if match:
        return spelled[match.end() :].strip()
    match = _open_range_after(after).search(spelled)
    if match is None:
        return None
    return (spelled[: match.start()] + " " + match["unit"]).strip()


@cache
def _open_range(words: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:{_any_of(words)})")


@cache
def _open_range_after(words: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"\s?(?:{_any_of(words)})(?P<unit>\s?[^\d()+-]*)$")


@cache
def _between() -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?:{_any_of(frozenset(BETWEEN))})\s)?(?P<low>.*?\d[^\d-]*?)\s?(?:-|~|〜|～|\.\.+|…|{_any_of(frozenset(TO))})"
        r"\s?(?P<high>[^\d-]*\d.*)"
    )


def _any_of(words: frozenset[str]) -> str:
    """Return a pattern of words, the longest first; words of an alphabet with spaces end at a word's end."""
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(
        rf"(?<!\w){re.escape(word)}(?!\w)" if _WORDY.match(word) and word < "\u0e00" else re.escape(word)
        for word in ordered
    )
