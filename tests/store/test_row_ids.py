"""Ids of append-only rows."""

from __future__ import annotations

import time

from store.row_ids import new_row_id


def test_ids_are_unique_and_sort_by_time() -> None:
    ids = []
    for _ in range(50):
        ids.append(new_row_id())
        time.sleep(0.0001)
    assert ids == sorted(set(ids))
