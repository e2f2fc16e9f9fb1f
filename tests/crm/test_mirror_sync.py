from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from crm.connector import RecordPage, StaleCursorError, SyncWindow
from crm.crm_http import QuotaReachedError
from crm.mirror_sync import MirrorSync, SyncReport, crm_cipher
from crm.sandbox.peer_account import PeerAccount, PeerClock
from leadworth.crm_records import RecordLink
from leadworth.crm_section import CrmSection
from leadworth.settings import Settings
from store import crm_changes, crm_runs
from store.crm_mirror import CrmMirror
from store.crm_runs import RunResult
from store.engine import open_engine
from store.migrate import upgrade
from tests.crm.memory_connector import OWN, MemoryConnector, seeded
from tests.crm.mirror_truth import known_part, mirror_of, truth_of

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIELDS = {"email", "company", "source", "status", "size", "stage", "amount", "currency", "name"}


class FixedClock(PeerClock):
    """Clock that moves only by hand."""

    def now(self) -> datetime:
        return START + self.offset


class Bench:
    """An account, its connector and a store."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.clock = FixedClock()
        self.account = PeerAccount(self.clock, lag_seconds=30)
        self.engine = engine
        self.settings = Settings(currency="EUR", leads={}, secret="s" * 32, folder=folder)
        self.connector = MemoryConnector(self.account)
        self.section = CrmSection()

    def sync(self, **options: Any) -> SyncReport:
        self.clock.advance(minutes=2)
        section = self.section
        sync = MirrorSync(self.engine, self.connector, self.settings, section=section, clock=self.clock.now, **options)
        return sync.run()

    def check(self) -> None:
        mirror = mirror_of(self.engine, self.connector, self.settings, FIELDS)
        assert mirror == known_part(truth_of(self.account, self.connector, FIELDS), mirror)

    def mirror(self, read: Callable[[CrmMirror], Any]) -> Any:
        with self.engine.connect() as connection:
            return read(CrmMirror(connection, "memory", crm_cipher(self.settings)))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    yield Bench(engine, tmp_path)
    engine.dispose()


def test_the_first_run_reads_all_and_the_second_stores_nothing(bench: Bench) -> None:
    seeded(bench.account, 10, START)
    report = bench.sync()
    assert (report.result, report.counts["leads"], report.rows["leads"].new) == (RunResult.COMPLETE, (10, 10), 10)
    bench.check()
    assert bench.sync().written == 0
    with bench.engine.connect() as connection:
        assert [run.result for run in crm_runs.latest(connection, "memory", 9)] == [RunResult.COMPLETE] * 2


def test_many_records_of_one_time_are_all_read(bench: Bench) -> None:
    seeded(bench.account, 4, START)
    bench.sync()
    keys = seeded(bench.account, 50, bench.clock.now())
    assert bench.sync().rows["leads"].new == len(keys)
    bench.check()


def test_a_record_that_commits_late_is_found_within_the_lookback(bench: Bench) -> None:
    seeded(bench.account, 3, START)
    bench.sync()
    bench.sync()
    bench.account.create("leads", {"email": "late@example.org"}, at=bench.clock.now() - timedelta(minutes=9))
    bench.sync()
    bench.check()


def test_a_run_killed_at_any_request_goes_on_where_it_was(bench: Bench) -> None:
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
    bench.connector.before = lambda _: None
    bench.sync()
    bench.check()
    assert bench.sync().written == 0


def test_a_bookmark_saves_the_pages_that_were_stored(bench: Bench) -> None:
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


def test_deletions_restorations_and_merges_arrive(bench: Bench) -> None:
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


def test_associations_are_read_with_each_change_and_swept_weekly(bench: Bench) -> None:
    a, b, *_ = seeded(bench.account, 4, START)
    company = bench.account.create("companies", {"name": "Acme"})
    bench.sync()
    bench.account.link("leads", a, RecordLink("companies", company, "primary"))
    bench.account.link("leads", b, RecordLink("companies", company))
    bench.account.edit("leads", a, {"status": "Open"})
    bench.sync()
    seen = mirror_of(bench.engine, bench.connector, bench.settings, FIELDS)
    assert RecordLink("companies", company, "primary") in seen["leads"][a]["links"]
    assert RecordLink("companies", company) not in seen["leads"][b]["links"]
    bench.clock.advance(days=7)
    bench.sync()
    assert (
        RecordLink("companies", company)
        in mirror_of(bench.engine, bench.connector, bench.settings, FIELDS)["leads"][b]["links"]
    )


def test_a_record_that_vanished_without_a_trace_is_found_by_the_sweep(bench: Bench) -> None:
    a, *_ = seeded(bench.account, 4, START)
    bench.sync()
    del bench.account.of("leads")[a]
    bench.sync()
    assert bench.mirror(lambda mirror: a in mirror.ids("leads"))
    bench.clock.advance(days=7)
    report = bench.sync()
    assert report.counts["leads"] == (3, 3)
    assert bench.mirror(lambda mirror: mirror.ids("leads")) == set(bench.account.of("leads"))


def test_a_count_that_differs_after_the_sweep_is_an_alarm(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seeded(bench.account, 4, START)
    monkeypatch.setattr(bench.connector, "count", lambda name: 5)
    report = bench.sync()
    assert report.result is RunResult.DIFFERENT
    assert "leads: 5 records in the CRM, 4 in the mirror" in report.message


def test_a_forgotten_cursor_reads_everything_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_forgotten_removals_start_a_sweep(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    a, *_ = seeded(bench.account, 4, START)
    bench.sync()
    bench.account.delete("leads", a)

    def forgetful(name: str, window: SyncWindow) -> Iterator[RecordPage]:
        raise StaleCursorError("expired")

    monkeypatch.setattr(bench.connector, "removals", forgetful)
    bench.sync()
    bench.check()


def test_fields_that_come_and_go(bench: Bench) -> None:
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


def test_our_own_write_is_an_echo(bench: Bench) -> None:
    a, b, *_ = seeded(bench.account, 4, START)
    bench.sync()
    bench.account.write("leads", a, {"lw_band": "A"}, by=OWN)
    bench.account.write("leads", b, {"lw_band": "A"}, by=OWN)
    bench.account.edit("leads", b, {"status": "Open"}, by="rep")
    rows = bench.sync().rows["leads"]
    assert (rows.echoes, rows.touched, rows.changed) == (1, 1, 1)


def test_history_comes_from_the_crm_or_from_what_we_saw(bench: Bench) -> None:
    _, lead = seeded(bench.account, 2, START)
    bench.sync()
    (deal,) = bench.account.of("deals")
    for stage in ("won", "open", "lost"):
        bench.clock.advance(minutes=5)
        bench.account.edit("deals", deal, {"stage": stage, "amount": 200.0})
    bench.account.edit("leads", lead, {"status": "Open"})
    bench.sync()
    stages = bench.mirror(lambda mirror: crm_changes.of_records(mirror, "deals", [deal], ["stage"]))[deal]
    assert [item.change.value for item in stages] == ["open", "won", "open", "lost"]
    amounts = bench.mirror(lambda mirror: crm_changes.of_records(mirror, "deals", [deal], ["amount"]))[deal]
    assert [item.change.value for item in amounts] == [100.0, 200.0]
    statuses = bench.mirror(lambda mirror: crm_changes.of_records(mirror, "leads", [lead]))[lead]
    assert [item.change.value for item in statuses] == ["New", "Open"]


def test_a_dry_run_stores_nothing(bench: Bench) -> None:
    seeded(bench.account, 4, START)
    report = bench.sync(dry=True)
    assert (report.rows["leads"].read, report.rows["leads"].new) == (4, 4)
    assert bench.mirror(lambda mirror: mirror.counts()) == {}
    assert bench.sync().rows["leads"].new == 4


def test_a_full_run_reads_everything_again(bench: Bench) -> None:
    (a, *_) = seeded(bench.account, 4, START)
    bench.sync()
    bench.clock.advance(days=1)
    bench.sync()
    bench.account.of("leads")[a].values["company"] = "Acme"  # as a formula: no new modified time
    assert bench.sync().written == 0
    report = bench.sync(full=True)
    assert (report.rows["leads"].read, report.rows["leads"].changed) == (4, 1)
    bench.check()


def test_personal_data_can_be_left_out(bench: Bench) -> None:
    (a, *_) = seeded(bench.account, 4, START)
    bench.section = CrmSection(personal_data="omitted")
    bench.sync()
    row = bench.mirror(lambda mirror: mirror.read("leads", [a]))[a]
    assert row.record.values == {"source": "ads"}
    digest = crm_cipher(bench.settings).pseudonym("p0@example.org")
    assert bench.mirror(lambda mirror: mirror.of_person([digest])) == [("leads", a)]
