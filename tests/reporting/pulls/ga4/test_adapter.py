"""GA4: what Google says about its figures, pages, and names that a property does not have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from google.analytics.data_v1beta.types import ResponseMetaData

from reporting.pulls.ga4 import adapter
from reporting.pulls.ga4.peer import AnalyticsPeer
from store.report_schema import traffic_days
from tests.reporting.pulls.pull_bench import LAST_DAY, PullBench, pull_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[PullBench]:
    with pull_bench("ga4", tmp_path) as made:
        yield made


def peer(bench: PullBench) -> AnalyticsPeer:
    assert isinstance(bench.peer, AnalyticsPeer)
    return bench.peer


def test_the_quality_of_each_day_is_stored(bench: PullBench) -> None:
    peer(bench).sampled_days = {LAST_DAY}
    peer(bench).thresholded_days = {LAST_DAY, LAST_DAY - timedelta(days=1)}
    result = bench.pull(since=LAST_DAY - timedelta(days=2))
    assert result.quality == {"sampled, 62% of events; thresholded", "thresholded"}
    with bench.engine.connect() as connection:
        rows = connection.execute(sa.select(traffic_days.c.day, traffic_days.c.quality)).all()
        qualities = {row.day: row.quality for row in rows}
    assert qualities[str(LAST_DAY)] == "sampled, 62% of events; thresholded"
    assert qualities[str(LAST_DAY - timedelta(days=2))] == ""


def test_one_day_a_request_keeps_rows_out_of_other(tmp_path: Path) -> None:
    with pull_bench("ga4", tmp_path, request_days=30, page_rows=1_000) as bench:
        assert bench.pull().quality == {"(other) row"}
        assert bench.sums() == bench.truth()
    (tmp_path / "daily").mkdir()
    with pull_bench("ga4", tmp_path / "daily") as bench:
        assert bench.pull().quality == set()


def test_rows_of_all_pages_are_read_once(tmp_path: Path) -> None:
    with pull_bench("ga4", tmp_path, page_rows=1) as bench:
        assert bench.pull(since=LAST_DAY).is_complete
        truth = {key: value for key, value in bench.truth().items() if key[1] == LAST_DAY}
        assert bench.sums() == truth


def test_names_that_a_property_does_not_have_are_listed(bench: PullBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "METRICS", (*adapter.METRICS, "conversions"))
    assert "the property has no conversions" in str(bench.pull().error)


def test_another_property_is_refused(tmp_path: Path) -> None:
    with pull_bench("ga4", tmp_path, accounts=["1"]) as bench:
        assert "[report.sources.ga4]" in str(bench.pull().error)


def test_sessions_without_a_campaign_have_none(bench: PullBench) -> None:
    bench.pull(since=LAST_DAY - timedelta(days=5))
    with bench.engine.connect() as connection:
        names = set(connection.execute(sa.select(traffic_days.c.campaign_name)).scalars())
    assert names == {"Brand", "", "November & more"}


def test_the_fields_of_the_metadata_are_those_of_the_official_type() -> None:
    quality = adapter.quality_of(
        ResponseMetaData(
            sampling_metadatas=[{"samples_read_count": 1, "sampling_space_size": 4}],
            subject_to_thresholding=True,
            data_loss_from_other_row=True,
        )
    )
    assert quality == "sampled, 25% of events; thresholded; (other) row"
