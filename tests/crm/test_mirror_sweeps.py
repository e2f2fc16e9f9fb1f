from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm.connector import RecordPage, StaleCursorError, SyncWindow
from crm.crm_http import QuotaReachedError
from leadworth.crm_records import RecordLink
from store.crm_runs import RunResult
from tests.crm.memory_connector import seeded
from tests.crm.mirror_bench import FIELDS, START, MirrorBench
from tests.crm.mirror_truth import mirror_of


def test_associations_are_read_with_each_change_and_swept_weekly(bench: MirrorBench) -> None:
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


def test_a_record_that_vanished_without_a_trace_is_found_by_the_sweep(bench: MirrorBench) -> None:
    a, *_ = seeded(bench.account, 4, START)
    bench.sync()
    del bench.account.of("leads")[a]
    bench.sync()
    assert bench.mirror(lambda mirror: a in mirror.ids("leads"))
    bench.clock.advance(days=7)
    report = bench.sync()
    assert report.counts["leads"] == (3, 3)
    assert bench.mirror(lambda mirror: mirror.ids("leads")) == set(bench.account.of("leads"))


def test_a_count_that_differs_after_the_sweep_is_an_alarm(bench: MirrorBench, monkeypatch: pytest.MonkeyPatch) -> None:
    seeded(bench.account, 4, START)
    monkeypatch.setattr(bench.connector, "count", lambda name: 5)
    report = bench.sync()
    assert report.result is RunResult.DIFFERENT
    assert "leads: 5 records in the CRM, 4 in the mirror" in report.message


def test_forgotten_removals_start_a_sweep(bench: MirrorBench, monkeypatch: pytest.MonkeyPatch) -> None:
    a, *_ = seeded(bench.account, 4, START)
    bench.sync()
    bench.account.delete("leads", a)

    def forgetful(name: str, window: SyncWindow) -> Iterator[RecordPage]:
        raise StaleCursorError("expired")

    monkeypatch.setattr(bench.connector, "removals", forgetful)
    bench.sync()
    bench.check()


def test_a_token_of_removals_is_kept_from_run_to_run(bench: MirrorBench, monkeypatch: pytest.MonkeyPatch) -> None:
    seeded(bench.account, 4, START)
    given: list[str] = []

    def by_token(name: str, window: SyncWindow, token: str) -> Iterator[RecordPage]:
        if name == "leads":
            given.append(token)
            yield RecordPage((), token=f"{len(given)}")
            if not token or len(given) == 3:
                raise StaleCursorError("expired")  # with a new token before
            if len(given) == 4:
                raise QuotaReachedError("5 of 5")

    monkeypatch.setattr(bench.connector, "removals_after", by_token)
    for _ in range(6):
        bench.sync()
    assert given == ["", "1", "2", "3", "3", "5"]  # a run that ended early keeps the token of the last complete one
