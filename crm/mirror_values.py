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


def written_time(at: datetime | None) -> str | None:
    """Return a moment as the text of a cell.

    Examples
    --------
    >>> from datetime import UTC
    >>> written_time(datetime(2026, 3, 1, tzinfo=UTC))
    '2026-03-01T00:00:00+00:00'
    """
    return None if at is None else at.isoformat()
