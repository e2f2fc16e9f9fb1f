"""Settings of the garbage collector for processes that compute on many rows."""

from __future__ import annotations

import gc

_THRESHOLDS = (50_000, 10, 10)


def collect_rarely() -> None:
    """Collect garbage rarely, and never again look at the objects that exist now.

    Rows make many short-lived tuples and no cycles; with the thresholds of Python, looking at all objects of the
    imported libraries again and again took an eighth of the time of scoring a file.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
