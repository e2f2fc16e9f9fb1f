"""LinkedIn: answers without pages, long addresses, missing access and versions that ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reporting.pulls.linkedin.peer import LinkedInPullPeer
from tests.reporting.pulls.pull_bench import PullBench, pull_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[PullBench]:
    with pull_bench("linkedin", tmp_path) as made:
        yield made


def peer(bench: PullBench) -> LinkedInPullPeer:
    assert isinstance(bench.peer, LinkedInPullPeer)
    return bench.peer


def test_an_account_without_access_is_an_error_and_not_a_month_without_spend(bench: PullBench) -> None:
    assert bench.pull().is_complete
    peer(bench).has_access = False
    result = bench.pull()
    assert "[report.sources.linkedin]" in str(result.error)
    assert bench.sums() == bench.truth()


def test_a_query_that_is_too_long_for_an_address_is_sent_as_a_body(bench: PullBench) -> None:
    peer(bench).longest_query = 100
    assert bench.pull().is_complete
    assert bench.sums() == bench.truth()


def test_an_answer_that_may_be_cut_off_is_read_in_halves(tmp_path: Path) -> None:
    with pull_bench("linkedin", tmp_path, most_rows=7) as bench:
        peer(bench).most_rows = 7
        assert bench.pull().is_complete
        assert bench.sums() == bench.truth()
        assert bench.peer.calls["/rest/adAnalytics"] > 10


def test_a_day_with_more_rows_than_an_answer_holds_is_refused(tmp_path: Path) -> None:
    with pull_bench("linkedin", tmp_path, most_rows=2) as bench:
        peer(bench).most_rows = 2
        assert "more rows than the 2 of one answer" in str(bench.pull().error)


def test_a_version_that_ended_is_named(tmp_path: Path) -> None:
    with pull_bench("linkedin", tmp_path, version="202511") as bench:
        assert "HTTP 426" in str(bench.pull().error)


def test_campaigns_have_their_names(bench: PullBench) -> None:
    bench.pull()
    names = {row[7] for row in bench.rows()}
    assert names == {campaign.name for campaign in peer(bench).campaigns}
