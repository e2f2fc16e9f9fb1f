"""Cells of the tables that are read from the mirror of a CRM."""

from __future__ import annotations

from datetime import datetime

from crm.plain_columns import value_text
from leadworth.crm_records import CrmValue


def written(value: CrmValue) -> str | None:
    """Return a value of a CRM as the text of a cell.

    Examples
    --------
    >>> written(True), written(12.0), written("A"), written(None)
    ('true', '12', 'A', None)
    """
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value_text(str(value) if isinstance(value, int) else value)


def without_half_characters(value: CrmValue) -> CrmValue:
    r"""Return a value with U+FFFD for halves of a character, which a CRM leaves where it cuts a text by 16-bit units.

    Such text has no UTF-8, so that no table could be made of it.

    Examples
    --------
    >>> without_half_characters("Cut \ud83d") == "Cut \N{REPLACEMENT CHARACTER}"
    True
    >>> without_half_characters("Straße"), without_half_characters(7)
    ('Straße', 7)
    """
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def written_time(at: datetime | None) -> str | None:
    """Return a moment as the text of a cell.

    Examples
    --------
    >>> from datetime import UTC
    >>> written_time(datetime(2026, 3, 1, tzinfo=UTC))
    '2026-03-01T00:00:00+00:00'
    """
    return None if at is None else at.isoformat()
