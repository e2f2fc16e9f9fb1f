"""Split cells that hold several ids, such as the associations of a CRM."""

from __future__ import annotations

import re

LIST_MARKS = r"[;,|\n\r\t\s/+&]"
"""Regular expression of the characters that may separate ids."""
_SEPARATOR = re.compile(r"\s*[;,|\n\r\t]\s*")
_WEAK_SEPARATOR = re.compile(r"[\s/+&]+")
_GROUPED_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+")
_WRAPPERS = " \t\r\n[]{}()\"'"


def split_ids(cell: str) -> tuple[str, ...]:
    """Return the ids of a list, without repetition; empty for a cell that is one id.

    Ids are separated by a semicolon, comma, bar, tab or line break; they have no spaces and at least one digit.
    A number with grouped thousands is one id.

    Examples
    --------
    >>> split_ids("20001;20002"), split_ids('["7", "8"]'), split_ids("20,240"), split_ids("Acme, Inc")
    (('20001', '20002'), ('7', '8'), (), ())
    """
    return () if _GROUPED_NUMBER.fullmatch(cell) else _parts(cell, _SEPARATOR)


def split_loosely(cell: str) -> tuple[str, ...]:
    """Return the parts of a cell that might be a list: separated by spaces, slashes or plus signs, or grouped digits.

    Examples
    --------
    >>> split_loosely("20001 20002"), split_loosely("20,240"), split_loosely("20001")
    (('20001', '20002'), ('20', '240'), ())
    """
    if _GROUPED_NUMBER.fullmatch(cell):
        return _parts(cell, _SEPARATOR)
    return _parts(cell, _WEAK_SEPARATOR)


def _parts(cell: str, separator: re.Pattern[str]) -> tuple[str, ...]:
    parts = [part.strip(_WRAPPERS) for part in separator.split(cell.strip(_WRAPPERS))]
    parts = [part for part in parts if part]
    if len(parts) < 2 or not all(_is_id(part) for part in parts):
        return ()
    return tuple(dict.fromkeys(parts))


def _is_id(part: str) -> bool:
    return any(char.isdigit() or char == "@" for char in part) and not any(char.isspace() for char in part)
