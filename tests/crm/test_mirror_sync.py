from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.connector import RecordPage, StaleCursorError, SyncWindow
from crm.crm_http import QuotaReachedError
from crm.mirror_sync import MirrorSync
from store import crm_runs
from store.crm_runs import RunResult
from tests.crm.memory_connector import seeded
from tests.crm.mirror_bench import START, MirrorBench


def test_the_first_run_reads_all_and_the_second_stores_nothing(bench: MirrorBench) -> None:
    seeded(bench.account, 10, START)
    report = bench.sync()
    assert (report.result, report.counts["leads"], report.rows["leads"].new) == (RunResult.COMPLETE, (10, 10), 10)
    bench.check()
    assert bench.sync().written == 0
    with bench.engine.connect() as connection:
        assert [run.result for run in crm_runs.latest(connection, "memory", 9)] == [RunResult.COMPLETE] * 2


def test_many_records_of_one_time_are_all_read(bench: MirrorBench) -> None:
    seeded(bench.account, 4, START)
    bench.sync()
    keys = seeded(bench.account, 50, bench.clock.now())
    assert bench.sync().rows["leads"].new == len(keys)
    bench.check()


def test_a_record_that_commits_late_is_found_within_the_lookback(bench: MirrorBench) -> None:
    seeded(bench.account, 3, START)
    bench.sync()
    bench.sync()
    bench.account.create("leads", {"email": "late@example.org"}, at=bench.clock.now() - timedelta(minutes=9))
    bench.sync()
    bench.check()


@pytest.mark.parametrize(("hours", "side"), [(-1, "ahead of"), (1, "behind")])
def test_a_clock_that_differs_from_that_of_the_crm_loses_nothing(bench: MirrorBench, hours: int, side: str) -> None:
    """The clock of the bench is the CRM's; that of this machine differs."""
    keys = seeded(bench.account, 3, START)
    offset = bench.connector.offset = timedelta(hours=hours)

    def run() -> list[str]:
        bench.clock.advance(minutes=2)

        def here() -> datetime:
            return bench.clock.now() - offset

        sync = MirrorSync(bench.engine, bench.connector, bench.settings, section=bench.section, clock=here)
        return sync.run().warnings

    assert run() == run()
    bench.account.edit("leads", keys[0], {"company": "Plant"})
    seeded(bench.account, 2, bench.clock.now())
    assert any(f"1:00:00 {side}" in warning for warning in run())
    bench.clock.advance(hours=max(hours, 0))
    run()
    bench.check()


def test_a_run_killed_at_any_request_goes_on_where_it_was(bench: MirrorBench) -> None:
    seeded(bench.account, 12, START)
    kills = 0
    for limit in range(1, 200):
        left = limit

        def before(request: str) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt(request)

        bench.connector.before = before
        try:
            bench.sync()
            break
        except KeyboardInterrupt:
            kills += 1
    assert kills > 3
    with bench.engine.connect() as connection:
        assert len(crm_runs.latest(connection, "memory", 99)) == 1  # only the run that came to its end
    bench.connector.before = lambda _: None
    bench.sync()
    bench.check()
    assert bench.sync().written == 0


def test_a_bookmark_saves_the_pages_that_were_stored(bench: MirrorBench) -> None:
    seeded(bench.account, 30, START)
    asked: list[str] = []

    def stop(request: str) -> None:
        asked.append(request)
        if asked.count("pages") == 8:
            raise QuotaReachedError("9 of 10")

    bench.connector.before = stop
    report = bench.sync()
    assert (report.result, report.rows["leads"].new) == (RunResult.UNFINISHED, 21)
    assert "9 of 10" in report.message
    bench.connector.before = lambda _: None
    assert bench.sync().rows["leads"].new == 9
    bench.check()


def test_deletions_restorations_and_merges_arrive(bench: MirrorBench) -> None:
    a, b, c, d = seeded(bench.account, 4, START)
    bench.sync()
    bench.account.delete("leads", a)
    bench.account.merge("leads", b, c)
    bench.account.merge("leads", d, b)
    bench.sync()
    bench.check()
    bench.account.restore("leads", a)
    bench.sync()
    bench.check()


def test_a_forgotten_cursor_reads_everything_again(bench: MirrorBench, monkeypatch: pytest.MonkeyPatch) -> None:
    a, *_ = seeded(bench.account, 4, START)
    bench.sync()
    del bench.account.of("leads")[a]
    pages = bench.connector.pages

    def forgetful(name: str, fields: Any, window: SyncWindow | None, bookmark: str = "") -> Iterator[RecordPage]:
        if window is not None:
            raise StaleCursorError("expired")
        return pages(name, fields, window, bookmark)

    monkeypatch.setattr(bench.connector, "pages", forgetful)
    report = bench.sync()
    assert any("forgot" in warning for warning in report.warnings)
    assert report.rows["leads"].read >= 4
    assert bench.mirror(lambda mirror: mirror.ids("leads")) == set(bench.account.of("leads"))


def test_fields_that_come_and_go(bench: MirrorBench) -> None:
    (a, *_) = seeded(bench.account, 4, START)
    bench.connector.field_names["leads"] -= {"size"}
    assert bench.sync().warnings == []
    bench.connector.field_names["leads"] |= {"size", "roof"}
    bench.account.of("leads")[a].values["size"] = 9.0  # without a new modified time, as a new field has none
    report = bench.sync()
    assert report.warnings[0] == "leads: new fields: roof, size"
    bench.check()
    bench.connector.field_names["leads"] -= {"source"}
    assert bench.sync().warnings == ["leads: the field source vanished; the run goes on without it"]
    assert bench.sync().written == 0


def test_a_dry_run_stores_nothing(bench: MirrorBench) -> None:
    seeded(bench.account, 4, START)
    report = bench.sync(dry=True)
    assert (report.rows["leads"].read, report.rows["leads"].new) == (4, 4)
    assert bench.mirror(lambda mirror: mirror.counts()) == {}
    assert bench.sync().rows["leads"].new == 4


def test_a_full_run_reads_everything_again(bench: MirrorBench) -> None:
    (a, *_) = seeded(bench.account, 4, START)
    bench.sync()
    bench.clock.advance(days=1)
    bench.sync()
    bench.account.of("leads")[a].values["company"] = "Acme"  # as a formula: no new modified time
    assert bench.sync().written == 0
    report = bench.sync(full=True)
    assert (report.rows["leads"].read, report.rows["leads"].changed) == (4, 1)
    bench.check()
