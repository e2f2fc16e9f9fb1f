"""Spool writer: an entry is on the disk before it is reported as spooled."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path

from store.spool import Spool, StoreEntry
from store.spool_writer import SpoolWriter
from tests.store.rows import decision_row


def test_concurrent_entries_are_all_on_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    writer = SpoolWriter(spool)

    async def many() -> list[str | None]:
        return await asyncio.gather(*(writer.append(StoreEntry([decision_row(str(n))])) for n in range(50)))

    assert set(asyncio.run(many())) == {None}
    [path] = tmp_path.glob("*.jsonl")
    assert len(path.read_text().splitlines()) == 50
    writer.stop()
    spool.release()


def test_a_full_disk_refuses_an_entry_whole(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([StoreEntry([decision_row("A")])])
    [path] = tmp_path.glob("*.jsonl")
    size = path.stat().st_size
    writer = SpoolWriter(spool)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, hard))  # the kernel takes 100 bytes of the entry
    try:
        assert asyncio.run(writer.append(StoreEntry([decision_row("B")]))) == "OSError"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.stat().st_size == size
    assert asyncio.run(writer.append(StoreEntry([decision_row("C")]))) is None
    drained: list[StoreEntry] = []
    spool.drain(drained.extend)
    assert [entry.rows[0]["lead_id"] for entry in drained] == ["A", "C"]
    writer.stop()
