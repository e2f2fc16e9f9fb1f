"""Meta: reports for long ranges, totals with deleted campaigns, and the peer against the official SDK."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adreportrun import AdReportRun
from facebook_business.adobjects.adsinsights import AdsInsights
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

from reporting.pulls.meta import adapter
from reporting.pulls.meta.peer import FIELDS, VERSION, MetaPullPeer
from tests.reporting.pulls.pull_bench import LAST_DAY, PullBench, pull_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[PullBench]:
    with pull_bench("meta", tmp_path) as made:
        yield made


def runs(bench: PullBench) -> int:
    return bench.peer.calls[f"/{VERSION}/{{run}}/insights"]


def test_a_long_range_is_a_report_and_a_short_one_is_not(bench: PullBench) -> None:
    assert bench.pull(since=LAST_DAY - timedelta(days=6)).is_complete
    assert runs(bench) == 0
    assert bench.pull().is_complete
    assert runs(bench) > 0


def test_a_report_that_fails_is_started_again(bench: PullBench) -> None:
    assert isinstance(bench.peer, MetaPullPeer)
    bench.peer.failing_runs = adapter.REPORT_ATTEMPTS - 1
    assert bench.pull().is_complete
    assert bench.sums() == bench.truth()


def test_a_report_that_fails_too_often_is_named_with_the_days_that_are_missing(bench: PullBench) -> None:
    assert isinstance(bench.peer, MetaPullPeer)
    bench.peer.failing_runs = adapter.REPORT_ATTEMPTS
    result = bench.pull()
    assert "the report failed 3 times" in str(result.error)
    assert result.missing_days() == f"{bench.days[-1]} to {bench.days[0]}"
    assert bench.rows() == []


def test_spend_of_campaigns_that_are_not_listed_is_noticed(bench: PullBench) -> None:
    """Campaigns that were deleted are not in the rows, and count in the total of the account."""
    whole = bench.peer.lines  # type: ignore[attr-defined]
    listed = [line for line in whole if line.campaign.campaign_id == "120210001"]
    page = bench.peer._page  # type: ignore[attr-defined]

    def without_deleted(query: Any, paging: Any) -> Any:
        bench.peer.lines = whole if query["level"] == "account" else listed  # type: ignore[attr-defined]
        return page(query, paging)

    bench.peer._page = without_deleted  # type: ignore[attr-defined]
    result = bench.pull()
    assert not result.is_complete
    assert "the source says" in result.differences[0]


def test_the_fields_are_those_of_the_official_sdk() -> None:
    known = {value for name, value in vars(AdsInsights.Field).items() if not name.startswith("_")}
    assert {*FIELDS, *adapter.FIELDS.split(",")} <= known
    assert AdsInsights.Breakdowns.country == "country"
    assert AdsInsights.Level.campaign == "campaign"
    assert {AdReportRun.Field.async_status, AdReportRun.Field.async_percent_completion} == {
        "async_status",
        "async_percent_completion",
    }
    assert FacebookAdsApi.API_VERSION == VERSION


def test_the_official_sdk_reads_the_same_spend_from_the_peer(bench: PullBench, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = bench.settings.report.sources.section("meta").endpoint
    assert urlsplit(endpoint).hostname == "127.0.0.1"
    monkeypatch.setattr(FacebookSession, "GRAPH", endpoint)
    api = FacebookAdsApi(FacebookSession(access_token=bench.peer.token))
    first, last = LAST_DAY - timedelta(days=6), LAST_DAY
    rows = AdAccount(f"act_{bench.peer.account_id}", api=api).get_insights(
        fields=["campaign_id", "spend", "date_start"],
        params={
            "level": "campaign",
            "time_increment": 1,
            "time_range": {"since": str(first), "until": str(last)},
            "breakdowns": ["country"],
            "limit": 5,
        },
    )
    spend = sum((Decimal(row["spend"]) for row in rows), Decimal(0))
    result = bench.pull(since=first, until=last)
    assert spend == result.sums["spend", "EUR"] > 0
