"""TikTok: pages that shift while they are read, and 30 days a request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from reporting.pulls.tiktok.peer import TikTokPullPeer
from reporting.pulls.tiktok.settings import TikTokSourceSection
from tests.reporting.pulls.pull_bench import PullBench, pull_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[PullBench]:
    with pull_bench("tiktok", tmp_path) as made:
        yield made


def test_pages_that_shift_are_read_again(bench: PullBench) -> None:
    assert isinstance(bench.peer, TikTokPullPeer)
    bench.peer.shifts = 2
    assert bench.pull().is_complete
    assert bench.sums() == bench.truth()


def test_pages_that_shift_every_time_store_nothing(bench: PullBench) -> None:
    assert isinstance(bench.peer, TikTokPullPeer)
    bench.peer.shifts = 100
    assert "rows moved between the pages" in str(bench.pull().error)
    assert bench.rows() == []


def test_a_longer_range_than_tiktok_takes_is_read_in_parts(bench: PullBench) -> None:
    assert bench.pull(since=bench.days[-1].replace(day=1)).is_complete


def test_no_setting_asks_for_more_than_30_days() -> None:
    with pytest.raises(ValidationError):
        TikTokSourceSection(request_days=31)
