from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.campaign_keys import UNMATCHED, campaign_key
from leadworth.channel_groups import shipped
from reporting.facts.campaign_aliases import CampaignAlias
from reporting.facts.campaign_matching import CampaignMatcher, LeadCampaign
from store.campaign_matches import ClickCampaign, SpendCampaign


def spend(
    platform: str, account: str, number: str, name: str, channel: str = "Paid Search", day: str = "2026-11-01"
) -> SpendCampaign:
    return SpendCampaign(platform, account, number, name, campaign_key(platform, account, number, name), channel, day)


CAMPAIGNS = [
    spend("google_ads", "1", "77", "Brand IT (old)", day="2026-01-01"),
    spend("google_ads", "1", "77", "Brand IT"),
    spend("google_ads", "1", "78", "Demo | Search"),
    spend("google_ads", "1", "79", "Max", "Cross-network"),
    spend("google_ads", "1", "80", "Wide", "Paid Search"),
    spend("google_ads", "1", "80", "Wide", "Display"),
    spend("google_ads", "1", "81", "Twice"),
    spend("google_ads", "2", "82", "Twice"),
    spend("microsoft", "5", "77", "Brand IT"),
    spend("meta", "9", "name:Spring", "Spring"),
]
ALIASES = [CampaignAlias(platform="google_ads", pattern="sommer-*", campaign="Demo | Search")]
MATCHER = CampaignMatcher(CAMPAIGNS, ALIASES, shipped())
LEAD = LeadCampaign("Paid Search", "google", None)
CLICKS = {"d1": ClickCampaign("google_ads", "1", "79"), "d2": ClickCampaign("google_ads", "1", "404")}


@pytest.mark.parametrize(
    ("lead", "key", "matched_by"),
    [
        ({"click": "d1", "campaign_id": "77", "campaign": "Demo | Search"}, "google_ads:1:79", "click"),  # click first
        ({"click": "d2"}, "google_ads:1:404", "click"),
        ({"click": "unknown", "campaign_id": "78"}, "google_ads:1:78", "id"),
        ({"campaign_id": "78", "campaign": "Brand IT"}, "google_ads:1:78", "id"),  # then the id
        ({"campaign": "78"}, "google_ads:1:78", "id"),  # a numeric campaign of the platform
        ({"campaign": "brand_it"}, "google_ads:1:77", "name"),
        ({"campaign": "Brand+IT+(old)"}, "google_ads:1:77", "name"),  # a rename keeps the former name
        ({"campaign": "demo%20search"}, "google_ads:1:78", "name"),
        ({"source": "bing", "campaign": "brand it"}, "microsoft:5:77", "name"),
        ({"source": "FB", "channel": "Paid Social", "campaign": "spring"}, "meta:9:name:spring", "name"),
        ({"source": None, "click_platform": "google_ads", "campaign": "brand it"}, "google_ads:1:77", "name"),
        ({"campaign": "Sommer 2026"}, "google_ads:1:78", "alias"),
        ({"campaign": "Twice"}, UNMATCHED, ""),  # two accounts have it
        ({"campaign": "{{campaign.name}}"}, UNMATCHED, ""),
        ({"campaign_id": "{campaignid}"}, UNMATCHED, ""),
        ({"campaign": "brnd it"}, UNMATCHED, ""),
        ({"source": "bing", "campaign": "demo search"}, UNMATCHED, ""),  # a name of another platform
        ({"source": None, "campaign": "77"}, UNMATCHED, ""),  # no platform says whose number it is
        ({}, UNMATCHED, ""),
        ({"source": "newsletter", "channel": "Email", "campaign": "November News"}, "name:november-news", ""),
        (
            {"source": "linkedin", "channel": "Paid Social", "campaign": "Heads"},
            "name:heads",
            "",
        ),  # no spend of it here
    ],
)
def test_the_first_that_fits(lead: dict[str, Any], key: str, matched_by: str) -> None:
    match = MATCHER.match(replace(LEAD, **lead), CLICKS)
    assert (match.key, match.matched_by) == (key, matched_by)


def test_the_newest_name_is_shown() -> None:
    assert MATCHER.match(replace(LEAD, campaign="Brand IT (old)"), {}).name == "Brand IT"


def test_an_unmatched_lead_keeps_its_own_name() -> None:
    assert MATCHER.match(replace(LEAD, campaign="brnd it"), {}).name == "brnd it"


def test_a_lead_has_the_channel_of_what_its_campaign_cost() -> None:
    channels = {number: MATCHER.match(replace(LEAD, campaign_id=number), {}).channel for number in ("79", "80", "78")}
    assert channels == {"79": "Cross-network", "80": "", "78": "Paid Search"}


@given(
    st.builds(
        LeadCampaign,
        channel=st.sampled_from(["Paid Search", "Paid Social", "Direct"]),
        source=st.sampled_from([None, "google", "fb", "bing", "x.example"]),
        campaign=st.one_of(st.none(), st.sampled_from(["Brand IT", "Twice", "77", "80"]), st.text(max_size=20)),
        campaign_id=st.sampled_from([None, "77", "80", "999"]),
        click=st.sampled_from([None, "d1"]),
    )
)
def test_a_match_names_spend_and_nothing_else_does(lead: LeadCampaign) -> None:
    match = MATCHER.match(lead, CLICKS)
    assert (match.key in {row.campaign_key for row in CAMPAIGNS}) == (match.matched_by != "")
    assert match == MATCHER.match(lead, CLICKS)
