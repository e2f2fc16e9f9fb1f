from __future__ import annotations

from crm.mirror_status import status_lines, status_rows
from tests.crm.memory_connector import seeded
from tests.crm.mirror_bench import START, MirrorBench


def test_the_state_of_the_mirror_is_told(bench: MirrorBench) -> None:
    assert status_lines(bench.engine, "memory") == ["No run yet: run `leadworth crm sync memory`"]
    first, *_ = seeded(bench.account, 4, START)
    bench.sync()
    bench.account.delete("leads", first)
    bench.connector.field_names["leads"] -= {"size"}
    bench.sync()
    now = START.replace(hour=13, minute=3)
    rows = {row[0]: row[1:] for row in status_rows(bench.engine, bench.settings, "memory", now)}
    assert rows["leads"][:5] == ("3", "0", "1", "0", "4")
    assert rows["leads"][5] == "1:00:00"
    lines = status_lines(bench.engine, "memory")
    assert lines[0].startswith("Last run: 2026-03-01 12:04:00, complete, ")
    assert lines[1] == "Field that vanished: size of leads, on 2026-03-01"
