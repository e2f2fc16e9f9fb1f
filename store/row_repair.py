"""Repair of rows that a database refuses for a value: a data error costs a field, not the row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from store.decision_log import Row
from store.schema import decisions, metadata
from store.spool import StoreEntry

_LARGEST_INTEGER = 2**63 - 1
_OPTIONAL_TEXT = ("channel", "campaign", "form_id")
"""Columns of a decision with text of a visitor that the service can do without."""


def storable(entry: StoreEntry) -> StoreEntry:
    r"""Return an entry without values that no database takes: NUL characters, lone surrogates, integers over 64 bits.

    Examples
    --------
    >>> storable(StoreEntry([{"lead_id": "A", "campaign": "spring\x00\ud800"}])).rows
    [{'lead_id': 'A', 'campaign': 'spring'}]
    """
    return replace(
        entry,
        rows=[_clean(row) for row in entry.rows],
        outbox={table: [_clean(row) for row in rows] for table, rows in entry.outbox.items()},
    )


def without_optional_text(entry: StoreEntry) -> StoreEntry:
    """Return an entry without the optional texts of its visitors.

    Examples
    --------
    >>> without_optional_text(StoreEntry([{"lead_id": "A", "campaign": "spring"}])).rows
    [{'lead_id': 'A', 'campaign': None}]
    """
    blank = {name for name in _OPTIONAL_TEXT if name in decisions.c}
    outbox = {
        table: [_blanked(row, blank & set(metadata.tables[table].c.keys())) for row in rows]
        for table, rows in entry.outbox.items()
    }
    return replace(entry, rows=[_blanked(row, blank) for row in entry.rows], outbox=outbox)


def _blanked(row: Row, names: set[str]) -> Row:
    return {name: None if name in names else value for name, value in row.items()}


def _clean(row: Row) -> Row:
    return {name: _clean_value(value) for name, value in row.items()}


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        return None
    return value
