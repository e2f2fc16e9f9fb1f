from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.channel_groups import (
    CHANNELS,
    ChannelGroups,
    channel_groups,
    channel_of,
    read_channels,
    shipped,
)
from leadworth.errors import ConfigurationError
from leadworth.settings import Settings

REQUIRED = {"currency": "EUR", "leads": {"path": "leads.csv", "id": "id"}}


@pytest.mark.parametrize(
    ("source", "medium", "campaign", "channel"),
    [
        ("(direct)", "(none)", None, "Direct"),
        ("(direct)", "(not set)", None, "Direct"),
        ("(direct)", "email", None, "Email"),
        ("google", "cpc", "Cross-network brand", "Cross-network"),
        ("amazon", "cpc", None, "Paid Shopping"),
        ("google", "cpc", None, "Paid Search"),
        ("google.co.uk", "PPC", None, "Paid Search"),
        ("yandex.ru", "paidsearch", None, "Paid Search"),
        ("linkedin", "paid-social", None, "Paid Social"),
        ("facebook", "cpm", None, "Paid Social"),
        ("youtube", "cpv_cpc", None, "Paid Video"),
        ("dv360", "cpm", None, "Display"),
        ("taboola", "banner", None, "Display"),
        ("capterra", "cpc", None, "Paid Other"),
        ("criteo", "retargeting", None, "Paid Other"),
        ("etsy.com", "referral", None, "Organic Shopping"),
        ("facebook", "referral", None, "Organic Social"),
        ("somewhere", "sm", None, "Organic Social"),
        ("vimeo", "referral", None, "Organic Video"),
        ("partner", "video_ad", None, "Organic Video"),
        ("google", "sem", None, "Organic Search"),
        ("bing", "organic", None, "Organic Search"),
        ("unheard.example", "organic", None, "Organic Search"),
        ("chatgpt.com", "referral", None, "AI Assistant"),
        ("chatgpt.com", None, None, "AI Assistant"),
        ("gemini.google.com", "referral", None, "AI Assistant"),
        ("copilot.microsoft.com", "ai-assistant", None, "AI Assistant"),
        ("newsletter", "e-mail", None, "Email"),
        ("email", "crm", None, "Email"),
        ("awin", "affiliate", None, "Affiliates"),
        ("blog.example", "referral", None, "Referral"),
        ("mail.google.com", "referral", None, "Referral"),
        ("spotify", "audio", None, "Audio"),
        ("twilio", "sms", None, "SMS"),
        ("firebase", "app-message", None, "Mobile Push"),
        ("onesignal", "web-push", None, "Mobile Push"),
        ("x", "mobile-banner", None, "Organic Social"),
        ("ours", "mobile", None, "Mobile Push"),
        ("something", "else", None, "Unassigned"),
        (None, None, None, "Direct"),
    ],
)
def test_the_table_of_ga4(source: str | None, medium: str | None, campaign: str | None, channel: str) -> None:
    assert channel_of(source, medium, campaign) == channel


@pytest.mark.parametrize(
    ("network", "channel"),
    [
        ("MIXED", "Cross-network"),
        ("Cross-network", "Cross-network"),
        ("PERFORMANCE_MAX", "Cross-network"),
        ("DEMAND_GEN", "Cross-network"),
        ("SEARCH", "Paid Search"),
        ("SEARCH_PARTNERS", "Paid Search"),
        ("YOUTUBE_WATCH", "Paid Video"),
        ("CONTENT", "Display"),
        ("SHOPPING", "Paid Shopping"),
        ("of another kind", "Paid Search"),
    ],
)
def test_networks_of_google_ads(network: str, channel: str) -> None:
    assert channel_of("google", "cpc", "Brand", network=network) == channel


@pytest.mark.parametrize("source", ["Facebook", "fb", "facebook.com", "FB", "m.facebook.com", "l.facebook.com"])
@pytest.mark.parametrize("medium", ["cpc", "CPC", "ppc", " Cpc "])
def test_spellings_of_one_channel(source: str, medium: str) -> None:
    assert channel_of(source, medium) == "Paid Social"


@pytest.mark.parametrize(
    ("tags", "platform", "channel"),
    [
        ((None, None), "google_ads", "Paid Search"),
        ((None, None), "google", "Paid Search"),
        (("newsletter", "email"), "google_ads", "Paid Search"),
        (("(direct)", "(none)"), "google_ads", "Paid Search"),
        (("youtube", None), "google_ads", "Paid Video"),
        (("dv360", "cpm"), "google_ads", "Display"),
        ((None, None), "linkedin", "Paid Social"),
        ((None, None), "microsoft", "Paid Search"),
        ((None, None), "meta", "Organic Social"),  # Facebook adds fbclid to links of posts too
        (("facebook", "paid"), "meta", "Paid Social"),
        (("google", "organic"), "meta", "Organic Social"),
    ],
)
def test_click_ids_win_over_tags(tags: tuple[str | None, str | None], platform: str, channel: str) -> None:
    assert channel_of(*tags, click_platform=platform) == channel


@pytest.mark.parametrize("entry", ["fair", "Import", "phone", "call", "partner list", "anything"])
def test_leads_that_came_in_offline_are_not_direct(entry: str) -> None:
    assert channel_of(None, None, entry=entry) == "Offline"
    assert channel_of("google", "cpc", entry=entry) == "Offline"
    assert channel_of(None, None, entry=entry, click_platform="google_ads") == "Paid Search"


@pytest.mark.parametrize(
    ("entry", "channel"), [("form", "Direct"), (None, "Direct"), ("", "Direct"), ("api", "Unassigned")]
)
def test_a_lead_without_tags(entry: str | None, channel: str) -> None:
    assert channel_of(None, None, entry=entry) == channel


def test_shop_in_the_name_of_a_campaign_says_nothing_for_b2b() -> None:
    assert channel_of("google", "cpc", "Shopfloor software") == "Paid Search"
    assert channel_of("google", "cpc", "Shopfloor software", b2b=False) == "Paid Shopping"
    assert channel_of("ours", "x", "eshop", b2b=False) == "Organic Shopping"
    assert channel_of("ours", "x", "workshop", b2b=False) == "Unassigned"


@pytest.mark.parametrize("value", ["{{site_source_name}}", "{network}", "__PLACEMENT__", "%7B%7Badset.name%7D%7D"])
def test_a_placeholder_that_no_platform_filled_in_is_missing(value: str) -> None:
    assert channel_of(value, value) == "Direct"
    assert channel_of("google", value) == "Organic Search"


def test_the_cache_is_bounded() -> None:
    groups = ChannelGroups(shipped().data)
    for number in range(5_000):
        groups.channel_of(f"source {number}", None)
    assert groups.channel_of.cache_info().currsize == 4_096


@given(*[st.one_of(st.none(), st.text(max_size=300))] * 6)
def test_every_lead_has_one_of_the_channels(
    source: str | None,
    medium: str | None,
    campaign: str | None,
    entry: str | None,
    platform: str | None,
    network: str | None,
) -> None:
    channel = channel_of(source, medium, campaign, entry=entry, click_platform=platform, network=network)
    assert channel in CHANNELS
    assert channel_of(source, (medium or "").swapcase().lower(), campaign, entry=entry) in CHANNELS


def test_every_channel_of_a_network_is_a_channel() -> None:
    assert set(shipped().data.networks) <= set(CHANNELS)


def test_a_source_of_a_category_is_listed_as_the_rules_read_it() -> None:
    data = shipped().data
    for category in (data.search, data.social, data.video, data.shopping, data.ai):
        names = category.names | category.brands | category.other_services
        assert all(name == name.lower().strip() for name in names)
    assert (
        sum(
            len(category.names) + len(category.brands)
            for category in (data.search, data.social, data.video, data.shopping)
        )
        > 600
    )


def test_a_file_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('version = 7\n[social]\nnames = ["intranet"]\n')
    settings = Settings(**REQUIRED, folder=tmp_path, report={"channels": "own.toml"})
    groups = channel_groups(settings)
    assert (groups.version, groups.channel_of("intranet", "cpc")) == (7, "Paid Social")
    assert groups.channel_of("google", "cpc") == "Paid Search"
    assert channel_groups(Settings(**REQUIRED)).version == shipped().version


@pytest.mark.parametrize("content", ['colour = "red"', "version =", '[search]\nnames = "google"'])
def test_a_file_that_cannot_be_used(tmp_path: Path, content: str) -> None:
    (tmp_path / "own.toml").write_text(content)
    with pytest.raises(ConfigurationError, match=r"own\.toml cannot be used"):
        read_channels(tmp_path / "own.toml")
