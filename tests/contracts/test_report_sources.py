"""Contract battery of the sources of spend and traffic: every folder of `reporting/pulls`, against its peer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from leadworth.http_errors import UnauthorisedError
from leadworth.source_settings import source_names
from reporting.pulls.pull_peer import RequestLimit
from reporting.pulls.source_factory import open_source
from reporting.pulls.source_sandbox import peer_names
from tests.reporting.pulls.pull_bench import LAST_DAY, LOOKBACK, PullBench, pull_bench

each_source = pytest.mark.parametrize("name", peer_names())


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat and poll without the waits of a real platform."""
    monkeypatch.setattr("reporting.pulls.pull_http.WAIT_SECONDS", 0.01)
    monkeypatch.setattr("reporting.pulls.report_polling.FIRST_SECONDS", 0.0)


@pytest.fixture
def bench(name: str, tmp_path: Path) -> Iterator[PullBench]:
    with pull_bench(name, tmp_path) as made:
        yield made


@pytest.fixture
def each_store(name: str, tmp_path: Path, store_url: str) -> Iterator[PullBench]:
    with pull_bench(name, tmp_path, url=store_url) as made:
        yield made


def test_every_source_has_a_peer() -> None:
    assert peer_names() == source_names()


@each_source
def test_the_store_adds_up_to_the_truth_and_a_repeat_changes_nothing(each_store: PullBench) -> None:
    bench = each_store
    result = bench.pull()
    assert result.is_complete, (result.error, result.aside, result.differences)
    assert result.read == result.rows
    assert bench.truth()
    assert bench.sums() == bench.truth()
    rows = bench.rows()
    assert bench.pull().is_complete
    assert bench.rows() == rows


@each_source
def test_days_that_changed_are_replaced_and_days_that_vanished_are_empty(each_store: PullBench) -> None:
    bench = each_store
    assert bench.pull().is_complete
    before = bench.sums()
    days = sorted({day for _, day in bench.truth()})
    bench.peer.restate(days[3])
    bench.peer.clear(days[5])
    assert bench.truth() != before
    assert bench.pull().is_complete
    assert bench.sums() == bench.truth()
    assert not [row for row in bench.sums() if row[1] == days[5]]


@each_source
def test_days_before_the_range_stay_as_they_are(bench: PullBench) -> None:
    assert bench.pull().is_complete
    oldest = bench.days[-1]
    before = {key: value for key, value in bench.sums().items() if key[1] == oldest}
    bench.peer.clear(oldest)
    assert bench.pull(since=oldest + timedelta(days=1)).is_complete
    assert {key: value for key, value in bench.sums().items() if key[1] == oldest} == before


@each_source
@pytest.mark.parametrize("seed", range(2))
def test_a_fifth_of_faults_changes_nothing(name: str, seed: int, tmp_path: Path) -> None:
    with pull_bench(name, tmp_path, faults=0.2, seed=seed) as bench:
        result = bench.pull()
        assert result.is_complete, (result.error, result.aside, result.differences)
        assert bench.sums() == bench.truth()


@each_source
def test_a_limit_of_requests_is_waited_for(name: str, tmp_path: Path) -> None:
    with pull_bench(name, tmp_path) as bench:
        bench.peer.limit = RequestLimit(6, 0.15)
        assert bench.pull().is_complete
        assert bench.sums() == bench.truth()


@each_source
def test_wrong_credentials_are_named_with_their_section_and_store_nothing(bench: PullBench) -> None:
    bench.peer.token = "another"
    result = bench.pull()
    assert result.error is not None
    assert f"[report.sources.{bench.peer.name}]" in str(result.error)
    assert "sandbox-token" not in str(result.error)
    assert bench.rows() == []
    with open_source(bench.settings, bench.peer.name) as source, pytest.raises(UnauthorisedError):
        source.fetch(source.account(bench.peer.account_id), LAST_DAY, LAST_DAY)


@each_source
def test_a_dry_run_stores_nothing(bench: PullBench) -> None:
    result = bench.pull(dry_run=True)
    assert result.is_complete
    assert sum(result.rows.values()) > 0
    assert bench.rows() == []


@each_source
def test_the_days_of_the_range_are_recorded(bench: PullBench) -> None:
    result = bench.pull()
    assert result.first_day is not None
    assert result.last_day is not None
    assert (result.last_day - result.first_day).days == LOOKBACK - 1
    assert result.pulled_to == result.last_day == bench.days[0]
