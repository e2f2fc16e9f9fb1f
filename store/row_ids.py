"""Ids of append-only rows: unique, and sorted by the time they were made."""

from __future__ import annotations

import time

from leadworth.ids import new_id


def new_row_id() -> str:
    """Return a new id of 32 hexadecimal digits; a later id sorts after an earlier one.

    Examples
    --------
    >>> first, second = new_row_id(), new_row_id()
    >>> len(first), first[:16] <= second[:16]
    (32, True)
    """
    return f"{time.time_ns():016x}{new_id(64)}"
