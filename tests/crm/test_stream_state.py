from __future__ import annotations

from dataclasses import replace

from crm.stream_state import StreamState
from store.crm_cursors import StreamCursor
from tests.crm.mirror_bench import START, MirrorBench


def test_a_dry_run_keeps_its_cursors_to_itself(bench: MirrorBench) -> None:
    kept = StreamCursor("leads", "records", START)
    StreamState(bench.engine, "memory", bench.clock.now).save_now(kept)
    dry = StreamState(bench.engine, "memory", bench.clock.now, dry=True)
    dry.save_now(replace(kept, bookmark="7"))
    with bench.engine.begin() as connection:
        dry.save(replace(kept, bookmark="8"), connection)
    dry.note_fields("leads", ["b", "a"])
    assert (dry.of("leads", "records").bookmark, dry.fields("leads")) == ("8", {"a", "b"})
    again = StreamState(bench.engine, "memory", bench.clock.now)
    assert (again.of("leads", "records"), again.fields("leads")) == (kept, set())


def test_fields_that_were_read_are_kept(bench: MirrorBench) -> None:
    StreamState(bench.engine, "memory", bench.clock.now).note_fields("leads", ["b", "a"])
    assert StreamState(bench.engine, "memory", bench.clock.now).fields("leads") == {"a", "b"}
