"""Receipts of erasures."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from store import erasures
from store.row_ids import new_row_id
from tests.store.rows import NOW


def test_erased_leads_and_persons_are_recognised(connection: Connection) -> None:
    erasures.add(connection, new_row_id(), {"A": "p1", "B": "p1", "C": None}, "{}", NOW)
    later = NOW + timedelta(days=1)
    erasures.add(connection, new_row_id(), {"D": "p1"}, "{}", later)
    assert erasures.erased_leads(connection, ["A", "C", "E"]) == {"A", "C"}
    assert erasures.erased_persons(connection, ["p1", "p2"]) == {"p1": later}
    assert erasures.erased_leads(connection, []) == set()
