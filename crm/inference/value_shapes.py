"""Shapes of written values: ranges of numbers, masked personal data."""

from __future__ import annotations

import re
from collections.abc import Collection

_MAGNITUDE = r"(?:[kKmM]|[Tt]sd\.?|[Mm]io\.?|тыс\.?|млн\.?)?"
_AMOUNT = rf"[^\d\w\s<>=+\-]{{0,3}}\s?\d[\d.,'’\u00a0\u202f ]*\s?{_MAGNITUDE}\s?[^\d\w\s\-–—~]{{0,2}}"
_BETWEEN = r"(?:-|–|—|~|\.\.\.?|…|to|bis|à|a|al|до|至|から)"
_UNIT = r"(?:\s?[^\W\d]{1,12}\.?){0,2}"
_CLOSED = re.compile(rf"\s*({_AMOUNT})\s*{_BETWEEN}\s*({_AMOUNT}){_UNIT}\s*", re.IGNORECASE)
_OPEN = re.compile(
    rf"(?:[<>≤≥]=?\s?{_AMOUNT}|{_AMOUNT}\s?(?:\+|or more|and more|and above|oder mehr|et plus|o más|o più)"
    rf"|(?:under|over|up to|less than|more than|über|unter|bis|mehr als|weniger als|plus de|moins de|más de|menos de"
    rf"|oltre|fino a|più di|meno di|более|менее|свыше|до)\s{_AMOUNT}){_UNIT}\s*",
    re.IGNORECASE,
)
_SCALES = {"k": 1e3, "tsd": 1e3, "тыс": 1e3, "m": 1e6, "mio": 1e6, "млн": 1e6}
_MASK = re.compile(r"[*•●×]{2,}|#{2,}|x{3,}|\[(?:redacted|masked|hidden)\]|<(?:redacted|masked|hidden)>", re.IGNORECASE)


def is_range(value: str) -> bool:
    """Return whether a value is a range of numbers, closed ("51-200") or open ("1000+", "< 10").

    Examples
    --------
    >>> [is_range(text) for text in ("51-200", "30001-50000", "1.000 bis 5.000 €", "500+", "€10k - €50k", "< 10")]
    [True, True, True, True, True, True]
    >>> [is_range(text) for text in ("200-51", "2026-03-01", "+39 333 1234567", "12.50", "-5")]
    [False, False, False, False, False]
    """
    return bool(_OPEN.fullmatch(value)) or bounds(value) is not None


def bounds(value: str) -> tuple[float, float] | None:
    """Return the bounds of a closed range, or None.

    Examples
    --------
    >>> bounds("1,001 - 5,000"), bounds("10k-50k"), bounds("9-1")
    ((1001.0, 5000.0), (10000.0, 50000.0), None)
    """
    match = _CLOSED.fullmatch(value)
    if match is None:
        return None
    low, high = _magnitude(match[1]), _magnitude(match[2])
    if low is None or high is None or low >= high:
        return None
    return low, high


def _magnitude(written: str) -> float | None:
    digits = re.sub(r"[^\d]", "", re.sub(r"[.,]\d{1,2}(?=\D*$)", "", written))
    if not digits or len(digits) > 12:
        return None
    word = re.search(r"[^\W\d]+", written)
    return float(digits) * _SCALES.get(word[0].casefold() if word else "", 1.0)


def are_ranges(values: Collection[str]) -> bool:
    """Return whether distinct values are the ranges of one scale, and not phone numbers or codes with a hyphen.

    The ranges of a scale are few, and most of them begin where another ends; numbers with a hyphen do not.

    Examples
    --------
    >>> are_ranges(["1-10", "11-50", "51-200", "201+"]), are_ranges(["555-1234", "555-2718", "301-8842"])
    (True, False)
    """
    if not 1 < len(values) <= 60 or sum(map(is_range, values)) < 0.8 * len(values):
        return False
    closed = [pair for pair in map(bounds, values) if pair is not None]
    ends = {high for _, high in closed} | {high + 1 for _, high in closed}
    joined = sum(low in ends for low, _ in closed)
    return len(closed) < 2 or joined >= 0.3 * (len(closed) - 1)


def is_masked(value: str) -> bool:
    """Return whether personal data in a value were masked before the export.

    Examples
    --------
    >>> [is_masked(text) for text in ("ma***@example.org", "+1 *** *** 1234", "XXX-XXX-1234", "J*** D***")]
    [True, True, True, True]
    >>> [is_masked(text) for text in ("*****", "XXX", "ada@example.org", "C## developer")]
    [False, False, False, False]
    """
    match = _MASK.search(value)
    if match is None:
        return False
    if match[0][0] in "[<":
        return True
    rest = _MASK.sub("", value)
    return bool(re.search(r"[@\d]|^(?:\W*\b\w{1,3}\b)+\W*$", rest)) and len(value) >= 5
