"""Write-back of scores: nothing is lost, nothing is written without need, whatever fails in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from unittest.mock import create_autospec

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from crm.connector import Connector
from crm.crm_http import QuotaReachedError
from crm.score_changes import score_values
from crm.score_writer import WriteBackCounts, worth_writing, write_pending
from leadworth.crm_records import RecordWriteResult, ScoreRow
from leadworth.errors import TerminalError
from leadworth.http_errors import UnansweredError
from store import crm_scores
from store.crm_scores import ScoreState
from store.engine import open_engine
from store.migrate import upgrade

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class KilledError(Exception):
    """Stands for the end of the process."""


def is_complete(counts: WriteBackCounts) -> bool:
    return not counts.undone and not counts.refused


class FakeCrm:
    """Holds what was written; a script of faults says how each call fails."""

    def __init__(self, name: str = "acme") -> None:
        self.held: dict[str, dict[str, object]] = {}
        self.script: list[str] = []
        self.calls = 0
        self.delay_seconds = 0.0
        self.connector = create_autospec(Connector, instance=True)
        self.connector.name = name
        self.connector.write_rows = 2
        self.connector.write.side_effect = self._write

    def _write(self, object_name: str, rows: Sequence[ScoreRow]) -> list[RecordWriteResult]:
        assert object_name == "leads"
        self.calls += 1
        time.sleep(self.delay_seconds)
        fault = self.script.pop(0) if self.script else ""
        if fault == "quota":
            raise QuotaReachedError("1,000 of 1,000")
        if fault == "silent before":
            raise UnansweredError("HTTP 500")
        for row in rows:
            if not row.record_id.startswith("bad") and fault != "locked":
                self.held[row.record_id] = dict(row.values)
        if fault == "silent after":
            raise UnansweredError("HTTP 500")
        if fault == "killed":
            raise KilledError
        return [self._result(row.record_id, locked=fault == "locked") for row in rows]

    def _result(self, key: str, *, locked: bool) -> RecordWriteResult:
        reason = "READ_ONLY" if key.startswith("bad") else "LOCKED" if locked else ""
        return RecordWriteResult(key, reason, NOW, may_succeed_later=locked)


def rows(win: float, *ids: str) -> list[ScoreRow]:
    return [ScoreRow(key, score_values({"win_probability": win, "model_version": "1"}, "B", NOW)) for key in ids]


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    engine = open_engine(store_url)
    upgrade(engine)
    yield engine
    engine.dispose()


def night(
    crm: FakeCrm, engine: Engine, scores: Sequence[ScoreRow], now: datetime, *, retry: bool = False
) -> WriteBackCounts:
    counts = WriteBackCounts()
    with engine.begin() as connection:
        worth = worth_writing(connection, crm.connector.name, "leads", scores, now, counts, retry_refused=retry)
        crm_scores.want(connection, crm.connector.name, "leads", [row for row, _ in worth], now)
    write_pending(crm.connector, engine, "leads", lambda: now, counts)
    return counts


def test_a_second_night_writes_nothing_and_a_month_later_everything(engine: Engine) -> None:
    crm = FakeCrm()
    first = night(crm, engine, rows(0.1, "a", "b", "c"), NOW)
    assert (first.written, first.unchanged, is_complete(first), crm.calls) == (3, 0, True, 2)
    second = night(crm, engine, rows(0.105, "a", "b", "c"), NOW + timedelta(days=1))
    assert (second.written, second.unchanged, crm.calls) == (0, 3, 2)
    later = night(crm, engine, rows(0.105, "a", "b", "c"), NOW + timedelta(days=30))
    assert (later.written, crm.held["a"]["lw_win_probability"]) == (3, 0.105)


def test_a_refused_row_costs_no_other_and_is_not_tried_again_without_need(engine: Engine) -> None:
    crm = FakeCrm()
    first = night(crm, engine, rows(0.1, "a", "bad", "c"), NOW)
    assert (first.written, dict(first.refused), is_complete(first)) == (2, {"READ_ONLY": 1}, False)
    second = night(crm, engine, rows(0.1, "a", "bad", "c"), NOW)
    assert (second.refused_before, second.unchanged, is_complete(second), crm.calls) == (
        {"READ_ONLY": 1},
        2,
        True,
        2,
    )
    assert night(crm, engine, rows(0.1, "bad"), NOW, retry=True).refused == {"READ_ONLY": 1}
    assert night(crm, engine, rows(0.5, "bad"), NOW).refused == {"READ_ONLY": 1}


def test_a_locked_row_is_written_in_the_next_run(engine: Engine) -> None:
    crm = FakeCrm()
    crm.script = ["locked"]
    first = night(crm, engine, rows(0.1, "a", "b", "c"), NOW)
    assert (first.written, dict(first.refused), dict(first.postponed), crm.calls) == (1, {}, {"LOCKED": 2}, 2)
    assert first.undone == ["the CRM refused for now, and the next run writes: 2 LOCKED"]
    second = night(crm, engine, rows(0.1, "a", "b", "c"), NOW)
    assert (second.written, second.unchanged, is_complete(second)) == (2, 1, True)


@pytest.mark.parametrize(("rows_of_a_request", "calls"), [(1, 7), (2, 4), (3, 3), (7, 1), (500, 1)])
def test_requests_are_full_whatever_is_read_from_the_store_at_once(
    engine: Engine, rows_of_a_request: int, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.score_writer.BLOCK_ROWS", 3)
    crm = FakeCrm()
    crm.connector.write_rows = rows_of_a_request
    assert night(crm, engine, rows(0.1, *"abcdefg"), NOW).written == 7
    assert crm.calls == calls


def test_the_quota_ends_a_run_and_the_next_goes_on(engine: Engine) -> None:
    crm = FakeCrm()
    crm.script = ["", "quota"]
    stopped = night(crm, engine, rows(0.1, "a", "b", "c", "d", "e"), NOW)
    assert (stopped.written, stopped.waiting, is_complete(stopped)) == (2, 3, False)
    assert night(crm, engine, rows(0.1, "a", "b", "c", "d", "e"), NOW).written == 3
    assert sorted(crm.held) == ["a", "b", "c", "d", "e"]


def test_of_two_processes_at_once_each_row_is_written_by_one(engine: Engine, store_url: str) -> None:
    crm = FakeCrm()
    scores = rows(0.1, *map(str, range(100, 140)))
    with engine.begin() as connection:
        crm_scores.want(connection, "acme", "leads", scores, NOW)
    crm.delay_seconds = 0.02
    done = [WriteBackCounts(), WriteBackCounts()]

    def write(counts: WriteBackCounts) -> None:
        own = open_engine(store_url)
        write_pending(crm.connector, own, "leads", lambda: NOW, counts)
        own.dispose()

    threads = [threading.Thread(target=write, args=(counts,)) for counts in done]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sum(counts.written for counts in done), crm.calls) == (40, 20)


def test_results_of_other_rows_are_a_defect_and_nothing_is_recorded(engine: Engine) -> None:
    crm = FakeCrm()
    crm.connector.write.side_effect = lambda _, sent: [RecordWriteResult(row.record_id) for row in sent][::-1]
    with pytest.raises(TerminalError, match="another order"):
        night(crm, engine, rows(0.1, "a", "b"), NOW)
    with engine.connect() as connection:
        assert crm_scores.counts(connection, "acme") == {ScoreState.PENDING: 2}


faults = st.sampled_from(["", "quota", "locked", "silent before", "silent after", "killed"])


names = map("crm-{}".format, count())


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    nights=st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1), min_size=1), st.lists(faults, max_size=4)
        ),
        min_size=1,
        max_size=4,
    )
)
def test_at_rest_the_crm_holds_the_latest_scores(
    engine: Engine, nights: list[tuple[dict[str, float], list[str]]]
) -> None:
    crm = FakeCrm(next(names))
    wins: dict[str, float] = {}
    now = NOW
    for changes, crm.script in nights:
        wins |= changes
        now += timedelta(days=31)
        try:
            night(crm, engine, [row for key, win in wins.items() for row in rows(win, key)], now)
        except KilledError:
            continue
    crm.script = []
    last = night(crm, engine, [row for key, win in wins.items() for row in rows(win, key)], now)
    assert is_complete(last)
    assert {key: values["lw_win_probability"] for key, values in crm.held.items()} == {
        key: pytest.approx(win, abs=0.0101) for key, win in wins.items()
    }
    calls = crm.calls
    assert night(crm, engine, [row for key, win in wins.items() for row in rows(win, key)], now).written == 0
    assert crm.calls == calls
