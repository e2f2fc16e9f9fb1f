from __future__ import annotations

from typing import Any

import pytest

from features.lead_origin import channel_of_lead, company_domain, origin_of
from leadworth.channel_groups import ChannelGroups, shipped


@pytest.mark.parametrize(
    ("lead", "extras", "expected"),
    [
        ({"landing_page": "https://a.example/?utm_id=5&hsa_cam=6"}, {}, "5"),
        ({"landing_page": "https://a.example/?x=1&hsa_cam=6#top"}, {}, "6"),
        ({"landing_page": "https://a.example/?gad_campaignid={campaignid}&hsa_cam=6"}, {}, "6"),
        ({"landing_page": "https://a.example/?utm_id=%7Bcampaignid%7D"}, {}, None),
        ({"landing_page": "https://a.example/?utm_id="}, {}, None),
        ({"landing_page": "https://a.example/gad_campaignid=7"}, {}, None),
        ({"landing_page": "https://a.example/?utm_id=5"}, {"gad_campaignid": 99}, "99"),
        ({}, {"utm_id": "{{campaign.id}}", "hsa_cam": "8"}, "8"),
        ({}, {"utm_id": "9" * 100}, "9" * 64),
        ({}, {}, None),
    ],
)
def test_the_id_of_the_campaign(lead: dict[str, Any], extras: dict[str, Any], expected: str | None) -> None:
    assert origin_of(lead, shipped(), extras).campaign_id == expected


def test_an_auto_tagged_click_without_tags_is_paid_search() -> None:
    origin = origin_of({"wbraid": "Cj8"}, shipped())
    assert (origin.channel, origin.click_platform, origin.click_id) == ("Paid Search", "google_ads", "Cj8")


def test_the_country_of_the_lead_comes_before_that_of_its_address() -> None:
    assert origin_of({"country": "Deutschland", "ip_country": "FR"}, shipped()).country == "DE"
    assert origin_of({"country": "Atlantis", "ip_country": "fr"}, shipped()).country == "FR"


def test_a_domain_of_the_business_is_no_source() -> None:
    groups = ChannelGroups(shipped().data, ("acme.example", "pay.example"))
    for source in ("acme.example", "www.acme.example", "login.acme.example", "Pay.example"):
        assert channel_of_lead({"source": source, "medium": "referral"}, groups) == "Direct"
    assert channel_of_lead({"source": "notacme.example", "medium": "referral"}, groups) == "Referral"


def test_the_entry_is_cut_to_its_column() -> None:
    assert origin_of({"entry": "Trade fair in Hannover 2026"}, shipped()).entry == "trade fair in ha"


@pytest.mark.parametrize(
    ("email", "website", "domain"),
    [
        ("ada@acme.example", "other.example", "acme.example"),
        ("ada@gmail.com", None, None),
        (None, "https://www.acme.co.uk/x", "acme.co.uk"),
        (None, "none", None),
        (None, None, None),
    ],
)
def test_the_domain_of_the_company(email: str | None, website: str | None, domain: str | None) -> None:
    assert company_domain(email, website) == domain
