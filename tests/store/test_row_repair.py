"""A value that no database takes costs a field, not the row."""

from __future__ import annotations

import asyncio
from pathlib import Path

from store.decision_store import DecisionStore
from store.group_commit import WriteResult
from store.spool import StoreEntry
from tests.store.rows import decision_row


def test_rows_with_values_that_the_database_refuses_are_stored_without_them(store_url: str, tmp_path: Path) -> None:
    store = DecisionStore(store_url, spool=tmp_path / "spool")
    store.start()
    rows = [decision_row("A"), decision_row("B", campaign="goo\x00gle"), decision_row("C", channel="\ud800ad")]
    entries = [StoreEntry([row]) for row in rows] + [StoreEntry([decision_row("D"), decision_row("E", form_id="\x00")])]

    async def keep_all() -> list[WriteResult]:
        return await asyncio.gather(*map(store.keep, entries))

    assert set(asyncio.run(keep_all())) == {WriteResult.COMMITTED}
    with store.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT lead_id, campaign, channel FROM decisions ORDER BY lead_id").all()
    store.stop()
    assert [row[0] for row in stored] == ["A", "B", "C", "D", "E"]
    assert stored[1][1] in {"google", "goo\x00gle"}
    assert stored[2][2] == "ad"
