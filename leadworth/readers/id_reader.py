"""Reader of ids, and the canonical form in which ids of two exports meet."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal
from typing import Any

from leadworth.readers.placeholders import VALUE_PLACEHOLDERS
from leadworth.readers.text_reader import read_text
from leadworth.unreadable import Unreadable

LOST_DIGITS = Unreadable("digits are lost to the scientific notation of a spreadsheet")
_NOT_AN_ID = Unreadable("not an id")
_LARGEST_EXACT = 2**53
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\xad\x00-\x08\x0e-\x1f\x7f]")
"""Not the ends of lines, which may separate the ids of a list."""
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,3}")
_FORMULA = re.compile(r'="([^"]*)"|"([^"]+)"')
_WHOLE_NUMBER = re.compile(r"([0-9]+)[.,](?:0{1,2}|0{4,})|([0-9]{4,})[.,]000")
"""A whole number with decimals; 20.000 and 20,000 may have grouped thousands."""
_OVERFLOW = re.compile(r"#{3,}")
_UUID = re.compile(
    r"(?:urn:uuid:)?[({]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[)}]?"
)
_SALESFORCE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_SALESFORCE_LIKE = re.compile(r"(?:0[0-9][0-9A-Z]|a[0-9A-Za-z]{2})[0-9A-Za-z]{2,3}000[0-9A-Za-z]{6,7}[A-Z0-5]{3}")
"""Key prefix, instance and zeros of an id whose checksum an export has damaged."""
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_CASE_MATTERS = re.compile(r"(?=[^\W_]*[a-z])(?=[^\W_]*[A-Z])(?=[^\W_]*[0-9])[^\W_]{8,}")


def read_id(value: Any, limit: int | None = None) -> str | Unreadable | None:
    """Return an id as text, without what a spreadsheet adds to it.

    Parameters
    ----------
    value
        Of any type.
    limit
        Number of characters; None for no limit.

    Examples
    --------
    >>> read_id("'00123"), read_id("20240.0"), read_id(20240.0), read_id('="0042"'), read_id("#N/A")
    ('00123', '20240', '20240', '0042', None)
    >>> read_id("1.00005E+11").reason
    'digits are lost to the scientific notation of a spreadsheet'
    """
    if isinstance(value, float | Decimal):
        if math.isnan(value):
            return None
        if not math.isfinite(value) or (isinstance(value, float) and abs(value) > _LARGEST_EXACT):
            return LOST_DIGITS
        return f"{value:f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))
    written = read_text(value, limit)
    return None if written is None else _clean(written)


def _clean(written: str) -> str | Unreadable | None:
    if written.isalnum() and written.isascii():
        return None if written in VALUE_PLACEHOLDERS else written
    cleaned = _INVISIBLE.sub("", written).strip()
    formula = _FORMULA.fullmatch(cleaned)
    if formula is not None:
        cleaned = (formula[1] or formula[2] or "").strip()
    cleaned = cleaned.removeprefix("'").strip() if not cleaned.endswith("'") else cleaned.strip("'").strip()
    if not cleaned or cleaned in VALUE_PLACEHOLDERS:
        return None
    if _SCIENTIFIC.fullmatch(cleaned):
        return LOST_DIGITS
    if _OVERFLOW.fullmatch(cleaned):
        return _NOT_AN_ID
    number = _WHOLE_NUMBER.fullmatch(cleaned)
    return (number[1] or number[2]) if number is not None else cleaned


def canonical_id(written: str) -> str:
    """Return the form in which two spellings of an id are equal; only for comparison.

    Numbers lose their leading zeros and a number sign (#), UUIDs their braces, hyphens and case, Salesforce ids of 18
    characters their last three, which are a checksum of the case of the others. Dashes of a word processor are hyphens.
    Other ids lose their case, unless they mix capitals, small letters and digits as random ids do. Two ids of one table
    may have one canonical form: the caller checks that.

    Parameters
    ----------
    written
        Result of `read_id`.

    Examples
    --------
    >>> canonical_id("00123"), canonical_id("{6F9619FF-8B86-D011-B42D-00C04FC964FF}"), canonical_id("L-0012")
    ('123', '6f9619ff8b86d011b42d00c04fc964ff', 'l-0012')
    >>> canonical_id("#20240"), canonical_id("L–0012")
    ('20240', 'l-0012')
    >>> canonical_id("0035g00000AbCdEAAV"), canonical_id("0035g00000AbCdE")
    ('0035g00000AbCdE', '0035g00000AbCdE')
    """
    if written.isdigit() and written.isascii():
        return written.lstrip("0") or "0"
    plain = written if written.isascii() else _DASHES.sub("-", unicodedata.normalize("NFKC", written))
    if plain.startswith("#"):
        return canonical_id(plain.lstrip("# ")) if plain.strip("# ") else plain
    if _SALESFORCE.fullmatch(plain):
        short = _salesforce_id(plain)
        if short is not None:
            return short
    uuid = _UUID.fullmatch(plain.casefold())
    if uuid is not None:
        return "".join(uuid.groups())
    return fold_case(plain)


def fold_case(written: str) -> str:
    """Return an id without case and repeated spaces; one that mixes capitals, small letters and digits keeps its case.

    Examples
    --------
    >>> fold_case("L-0012 a"), fold_case("aB3xY9zQ1")
    ('l-0012 a', 'aB3xY9zQ1')
    """
    plain = " ".join(written.split())
    return plain if _CASE_MATTERS.search(plain) else plain.casefold()


def _salesforce_id(written: str) -> str | None:
    """Return the 15 characters of a Salesforce id with their case; None where it is none."""
    if len(written) == 15:
        return written if _CASE_MATTERS.search(written) else None
    marks = written[15:].upper()
    damaged = written[:15] if _SALESFORCE_LIKE.fullmatch(written) else None
    if any(mark not in _CHECKSUM for mark in marks):
        return None
    capitals = [bool(_CHECKSUM.index(mark) >> bit & 1) for mark in marks for bit in range(5)]
    letters = [char.upper() if capital else char.lower() for char, capital in zip(written[:15], capitals, strict=True)]
    if any(capital and not char.isalpha() for char, capital in zip(letters, capitals, strict=True)):
        return damaged
    short = "".join(letters)
    one_case = written in {written.upper(), written.lower()}
    return short if one_case or short == written[:15] else damaged
