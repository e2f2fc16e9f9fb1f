"""Receipts of sent batches."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from store import receipts
from tests.store.rows import NOW

HALF_AN_HOUR = timedelta(minutes=30)


def test_receipt_is_due_until_its_status_is_known(connection: Connection) -> None:
    receipts.add(connection, "google", {"r1": 3, "r2": 5}, NOW, NOW + HALF_AN_HOUR)
    receipts.add(connection, "google", {"r1": 99}, NOW, NOW)
    assert receipts.due(connection, "google", NOW) == []
    later = NOW + HALF_AN_HOUR
    assert {row["receipt"] for row in receipts.due(connection, "google", later)} == {"r1", "r2"}
    assert receipts.due(connection, "meta", later) == []
    receipts.ask_again(connection, "r1", later + HALF_AN_HOUR)
    receipts.ask_again(connection, "r2", None)
    assert receipts.due(connection, "google", later) == []
    [row] = receipts.due(connection, "google", later + HALF_AN_HOUR)
    assert (row["receipt"], row["asked"]) == ("r1", 1)


def test_sums_by_platform(connection: Connection) -> None:
    receipts.add(connection, "google", {"r1": 3, "r2": 5}, NOW, NOW)
    receipts.record_status(connection, "r1", processed=2, failed=1, reasons={"TOO_OLD": 1})
    assert receipts.processed_sums(connection) == {"google": (3, 2, 1)}
    assert receipts.accepted_and_processed(connection, NOW) == []
    assert receipts.accepted_and_processed(connection, NOW + HALF_AN_HOUR) == [("google", 8, 2)]
