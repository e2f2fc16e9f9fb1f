"""Search Console: totals without queries, final days, and which clicks the top queries explain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from reporting.pulls.search_console.peer import SearchConsolePeer
from tests.reporting.pulls.pull_bench import LAST_DAY, PullBench, pull_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[PullBench]:
    with pull_bench("search_console", tmp_path) as made:
        yield made


def test_totals_count_the_clicks_of_queries_that_are_not_listed(bench: PullBench) -> None:
    result = bench.pull()
    assert isinstance(bench.peer, SearchConsolePeer)
    assert any(not line.is_listed and line.clicks for line in bench.peer.lines)
    listed, every = (
        result.sums["queries", ""],
        sum(value for (name, _), value in bench.sums().items() if name == "organic_clicks"),
    )
    assert listed < every
    assert any(mark.startswith("top queries, ") for mark in result.quality)


def test_days_that_are_not_final_are_not_fetched(bench: PullBench) -> None:
    result = bench.pull(until=LAST_DAY)
    assert result.last_day == LAST_DAY - timedelta(days=3)


def test_countries_have_two_letters(bench: PullBench) -> None:
    bench.pull()
    assert {row[5] for row in bench.rows() if row[0] == "query_days"} == {"DE", "IT", ""}


def test_a_property_of_another_is_refused(tmp_path: Path) -> None:
    with pull_bench("search_console", tmp_path, accounts=["https://www.example.org/"]) as bench:
        assert "refused the credentials: forbidden" in str(bench.pull().error)
