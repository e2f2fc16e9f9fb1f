"""Google Ads: bounds of the impression share, campaigns of clicks, and the queries against the official types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from leadworth.connection_context import ConnectionContext
from leadworth.encryption import IdentifierCipher
from leadworth.errors import ConfigurationError
from leadworth.http_errors import UnauthorisedError
from reporting.pulls.google_ads import adapter
from reporting.pulls.google_ads.settings import GoogleAdsSourceSection
from reporting.pulls.source_factory import open_source
from store.report_schema import click_campaigns, spend_days
from tests.leadworth.test_google_sign_in import REVOKED
from tests.reporting.pulls.pull_bench import LAST_DAY, PullBench, pull_bench

VERSION = GoogleAdsSourceSection().version


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[PullBench]:
    with pull_bench("google_ads", tmp_path) as made:
        yield made


def stored(bench: PullBench) -> list[Any]:
    with bench.engine.connect() as connection:
        return list(connection.execute(sa.select(spend_days)).mappings())


def test_the_share_of_a_period_is_impressions_by_possible_impressions(bench: PullBench) -> None:
    bench.pull()
    rows = [row for row in stored(bench) if row["campaign_id"] == "120001" and row["impressions"]]
    assert {row["network"] for row in rows} == {"SEARCH", "SEARCH_PARTNERS"}
    share = sum(row["impressions"] for row in rows) / sum(row["eligible_impressions"] for row in rows)
    assert share == pytest.approx(0.62)
    assert not any(row["eligible_is_bound"] for row in rows)


def test_a_share_below_a_tenth_is_a_bound(bench: PullBench) -> None:
    bench.pull()
    rows = [row for row in stored(bench) if row["campaign_id"] == "120002" and row["impressions"]]
    assert rows
    assert all(row["eligible_is_bound"] for row in rows)
    assert all(row["eligible_impressions"] == pytest.approx(row["impressions"] * 10) for row in rows)


def test_other_networks_have_no_share_and_the_type_names_the_network(bench: PullBench) -> None:
    bench.pull()
    rows = [row for row in stored(bench) if row["campaign_id"] in ("120003", "120004")]
    assert {(row["network"], row["channel"]) for row in rows} == {
        ("PERFORMANCE_MAX", "Cross-network"),
        ("YOUTUBE", "Paid Video"),
    }
    assert all(row["eligible_impressions"] is None for row in rows)


def test_campaigns_of_clicks_are_stored_by_a_keyed_digest(bench: PullBench) -> None:
    result = bench.pull()
    assert result.clicks > 0
    with bench.engine.connect() as connection:
        rows = {row.click: row for row in connection.execute(sa.select(click_campaigns))}
    assert len(rows) == result.clicks
    assert not any("gclid" in click for click in rows)
    row = next(row for row in rows.values() if row.day == str(LAST_DAY))
    digest = IdentifierCipher.from_settings(bench.settings).click_digest(f"gclid-{row.campaign_id}-{LAST_DAY}-0")
    assert rows[digest].campaign_id == row.campaign_id


def test_no_click_is_fetched_where_the_settings_say_so(tmp_path: Path) -> None:
    with pull_bench("google_ads", tmp_path, click_days=0) as bench:
        assert bench.pull().clicks == 0
        assert bench.peer.calls["click_view"] == 0


def test_another_customer_is_refused(tmp_path: Path) -> None:
    with pull_bench("google_ads", tmp_path, accounts=["0000000000"]) as bench:
        assert "USER_PERMISSION_DENIED" in str(bench.pull().error)


def test_a_version_that_the_client_does_not_have_is_named(tmp_path: Path) -> None:
    with (
        pull_bench("google_ads", tmp_path, version="v5") as bench,
        open_source(bench.settings, "google_ads") as source,
        pytest.raises(ConfigurationError, match="no version v5"),
    ):
        source.account("1234567890")


def test_an_account_that_is_no_customer_id_is_refused() -> None:
    with pytest.raises(ValidationError, match="10 digits"):
        GoogleAdsSourceSection(accounts=("12345",))


@pytest.mark.parametrize("query", [adapter.ACCOUNT, adapter.SPEND, adapter.SHARES, adapter.CLICKS])
def test_the_fields_of_the_queries_are_those_of_the_official_types(query: str) -> None:
    row = import_module(f"google.ads.googleads.{VERSION}.services.types.google_ads_service").GoogleAdsRow
    for path in re.findall(r"\b(?:customer|campaign|segments|metrics|click_view)\.[a-z_]+", query):
        descriptor = row.pb(row()).DESCRIPTOR
        for name in path.split("."):
            field = descriptor.fields_by_name[name]
            descriptor = field.message_type


def test_the_networks_and_types_are_those_of_the_official_types() -> None:
    kinds = import_module(f"google.ads.googleads.{VERSION}.enums.types.advertising_channel_type")
    networks = import_module(f"google.ads.googleads.{VERSION}.enums.types.ad_network_type")
    names = {item.name for item in kinds.AdvertisingChannelTypeEnum.AdvertisingChannelType}
    assert names >= adapter.TYPE_IS_NETWORK - {"DISCOVERY"}
    assert {item.name for item in networks.AdNetworkTypeEnum.AdNetworkType} >= set(adapter.SEARCH_NETWORKS)


def test_a_call_that_had_no_access_token_is_a_refusal_of_the_credentials(tmp_path: Path) -> None:
    source = adapter.GoogleAdsSource(GoogleAdsSourceSection(), ConnectionContext(tmp_path, 1.0))
    assert isinstance(source._error(REVOKED), UnauthorisedError)
