"""A run: ranges, parts that fail, sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.errors import ConfigurationError, InputError
from leadworth.http_errors import UnansweredError
from leadworth.source_section import SourceSection
from reporting.imports.import_rows import SpendRow
from reporting.pulls.answer_values import CollectedRows
from reporting.pulls.pull_run import AccountPull, pull_source
from reporting.pulls.report_source import FetchedDays, ReportSource, SourceAccount

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LAST = date(2026, 11, 28)


class Section(SourceSection):
    title = "Made up"


class MadeUpSource(ReportSource[Section]):
    """Spends 1.10 a day; `act` is called with each range."""

    name = "made_up"

    def __init__(self, section: Section, act: Callable[[date, date], Any] = lambda *_: None) -> None:
        super().__init__(section)
        self.act = act
        self.ranges: list[tuple[date, date]] = []

    def account(self, account_id: str) -> SourceAccount:
        if account_id == "locked":
            raise UnansweredError("locked")
        return SourceAccount(account_id, "EUR", "Pacific/Kiritimati" if account_id == "east" else "UTC")

    def fetch(self, account: SourceAccount, first: date, last: date) -> Sequence[FetchedDays]:
        self.ranges.append((first, last))
        more = self.act(first, last) or {}
        collected = CollectedRows()
        row = SpendRow(self.name, account.account_id, "1", "One", "", "", first, "EUR", Decimal("1.10"))
        collected.rows += [
            replace(row, day=first + timedelta(days=offset)) for offset in range((last - first).days + 1)
        ]
        return [self.days("spend", account, first, last, collected, **more)]

    def close(self) -> None:
        self.ranges.append((date.max, date.max))


def run(source: MadeUpSource, *accounts: str, **options: Any) -> tuple[list[AccountPull], list[FetchedDays]]:
    @contextmanager
    def connect() -> Iterator[MadeUpSource]:
        yield source

    stored: list[FetchedDays] = []
    store = options.pop("store", stored.append)
    results = list(pull_source(source.name, accounts or ("1",), connect, store, now=NOW, **options))
    return results, stored


@given(st.integers(1, 60), st.integers(1, 70))
def test_the_ranges_cover_each_day_once(request_days: int, lookback_days: int) -> None:
    source = MadeUpSource(Section(request_days=request_days, lookback_days=lookback_days))
    [result], stored = run(source)
    days = [row.day for part in stored for row in part.batch.rows]  # type: ignore[union-attr]
    assert days == [LAST - timedelta(days=offset) for offset in reversed(range(lookback_days))]
    assert all((last - first).days < request_days for first, last in source.ranges)
    assert result.is_complete
    assert result.sums == {("spend", "EUR"): Decimal("1.10") * lookback_days}


def test_the_newest_day_is_over_in_the_zone_of_the_account() -> None:
    [result], _ = run(MadeUpSource(Section()), "east")
    assert result.last_day == date(2026, 11, 29)
    [result], _ = run(MadeUpSource(Section(settle_days=2)))
    assert result.last_day == LAST - timedelta(days=2)


def test_a_range_that_fails_ends_the_account_and_not_the_others() -> None:
    failed: list[date] = []

    def act(first: date, last: date) -> None:
        if first == date(2026, 11, 19) and not failed:
            failed.append(first)
            raise UnansweredError("HTTP 500")

    source = MadeUpSource(Section(request_days=5, lookback_days=20), act)
    (first, locked, last), stored = run(source, "1", "locked", "2")
    assert (first.pulled_to, first.missing_days()) == (date(2026, 11, 18), "2026-11-19 to 2026-11-28")
    assert locked.missing_days() == ""
    assert "locked" in str(locked.error)
    assert not first.is_complete
    assert last.is_complete
    assert {part.batch.account_id for part in stored} == {"1", "2"}


def test_rows_that_do_not_add_up_to_the_total_of_the_source_are_named() -> None:
    source = MadeUpSource(Section(lookback_days=10), lambda *_: {"source_total": Decimal("11.06")})
    [result], _ = run(source)
    assert result.differences == ["spend of 2026-11-19 to 2026-11-28: rows add up to 11.00, the source says 11.06"]
    assert not result.is_complete
    source = MadeUpSource(Section(lookback_days=10), lambda *_: {"source_total": Decimal("11.05")})
    assert run(source)[0][0].is_complete


def test_what_is_not_stored_does_not_count() -> None:
    def refuse(fetched: FetchedDays) -> None:
        raise InputError("days are from a file")

    [result], _ = run(MadeUpSource(Section()), store=refuse)
    assert "days are from a file" in str(result.error)
    assert result.rows == {}


def test_a_field_that_an_answer_does_not_have_is_named() -> None:
    def act(first: date, last: date) -> None:
        raise KeyError("report_run_id")

    [result], _ = run(MadeUpSource(Section(), act))
    assert "no field 'report_run_id'" in str(result.error)
    assert "[report.sources.made_up]" in str(result.error)


def test_days_in_the_future_are_refused() -> None:
    [result], _ = run(MadeUpSource(Section()), since=date(2026, 12, 24))
    assert "no whole day" in str(result.error)


def test_a_source_that_cannot_be_connected_is_a_result_of_each_account() -> None:
    @contextmanager
    def connect() -> Iterator[MadeUpSource]:
        raise ConfigurationError("no client")
        yield

    results = list(pull_source("made_up", ("1", "2"), connect, lambda _: None, now=NOW))
    assert [str(result.error) for result in results] == ["no client"] * 2


def test_progress_counts_days() -> None:
    done: list[int] = []
    run(MadeUpSource(Section(request_days=7)), advance=done.append)
    assert done == [7, 7, 7, 7, 2]


@pytest.mark.parametrize("until", [date(2026, 11, 10), date(2026, 12, 31)])
def test_until_is_at_most_the_newest_day(until: date) -> None:
    [result], _ = run(MadeUpSource(Section()), until=until)
    assert result.last_day == min(until, LAST)
