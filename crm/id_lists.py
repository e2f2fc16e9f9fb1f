"""Cells that hold several ids, such as the associations of a CRM."""

from __future__ import annotations

import re

from leadworth.readers.list_reader import read_list

LIST_MARKS = r"[\[;,|\s/+&、；，]"
"""Regular expression of the characters that may separate ids."""
_LOOSE_SEPARATOR = re.compile(r"[\s/+&]+")
_GROUPED_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+")


def split_ids(cell: str) -> tuple[str, ...]:
    """Return the ids of a list, each once; empty for a cell that is one id.

    Ids have no spaces and at least one digit, or are e-mail addresses. A number with grouped thousands is one id.

    Examples
    --------
    >>> split_ids("20001;20002"), split_ids('["7", "8"]'), split_ids("7;"), split_ids("20,240"), split_ids("Acme, Inc")
    (('20001', '20002'), ('7', '8'), ('7',), (), ())
    """
    return () if _GROUPED_NUMBER.fullmatch(cell) else _ids(cell, read_list(cell))


def split_loosely(cell: str) -> tuple[str, ...]:
    """Return the ids of a cell that may be a list: separated by spaces, slashes or plus signs, or grouped digits.

    Examples
    --------
    >>> split_loosely("20001 20002"), split_loosely("20,240"), split_loosely("20001")
    (('20001', '20002'), ('20', '240'), ())
    """
    grouped = _GROUPED_NUMBER.fullmatch(cell)
    return _ids(cell, read_list(cell) if grouped else tuple(filter(None, _LOOSE_SEPARATOR.split(cell))))


def _ids(cell: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the parts of a cell if it is a list, and each may be an id."""
    return parts if parts != (cell,) and all(map(_is_id, parts)) else ()


def _is_id(part: str) -> bool:
    return any(char.isdigit() or char == "@" for char in part) and not any(char.isspace() for char in part)
