from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from store import crm_runs
from store.crm_runs import RunResult, SyncRun

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_latest_runs_are_read(connection: Connection) -> None:
    first = SyncRun(NOW, NOW + timedelta(1), 10, 5, RunResult.UNFINISHED, "quota")
    second = SyncRun(NOW, NOW + timedelta(2), 20, 0, RunResult.COMPLETE, counts={"leads": (5, 5)})
    for run in (first, second):
        crm_runs.add(connection, "acme", run)
    assert crm_runs.latest(connection, "acme") == [second]
    assert crm_runs.latest(connection, "acme", 9) == [second, first]


def test_counts_are_those_of_the_newest_run_that_compared(connection: Connection) -> None:
    assert crm_runs.newest_counts(connection) == []
    runs = [
        ("acme", {"leads": (5, 5)}),
        ("acme", {"leads": (9, 7), "deals": (1, 1)}),
        ("acme", {}),
        ("other", {"contacts": (3, 2)}),
    ]
    for number, (crm, counts) in enumerate(runs):
        at = NOW + timedelta(number)
        crm_runs.add(connection, crm, SyncRun(at, at, 1, 1, RunResult.COMPLETE, counts=counts))
    found = [(count.crm, count.object, count.there, count.here) for count in crm_runs.newest_counts(connection)]
    assert found == [("acme", "leads", 9, 7), ("acme", "deals", 1, 1), ("other", "contacts", 3, 2)]


def test_a_crm_was_read_by_its_newest_complete_run(connection: Connection) -> None:
    results = (RunResult.COMPLETE, RunResult.DIFFERENT, RunResult.UNFINISHED, RunResult.FAILED)
    for number, result in enumerate(results):
        at = NOW + timedelta(number)
        crm_runs.add(connection, "acme", SyncRun(at, at, 1, 1, result))
    assert crm_runs.last_reads(connection, NOW + timedelta(9)) == {"acme": NOW + timedelta(1)}
    assert crm_runs.last_reads(connection, NOW) == {"acme": NOW}
    assert crm_runs.last_reads(connection, NOW - timedelta(1)) == {}
