from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.campaign_keys import UNMATCHED, account_number, campaign_key, is_placeholder, normalised_name


@pytest.mark.parametrize(
    ("name", "normalised"),
    [
        ("Brand - IT | Search", "brand-it-search"),
        ("brand%20it%20search", "brand-it-search"),
        ("BRAND+IT_search", "brand-it-search"),
        ("ＢＲＡＮＤ　IT search", "brand-it-search"),
        ("Caf%C3%A9", "café"),
        ("100%2525", "100%25"),  # decoded once
        ("  ", ""),
        (None, ""),
        ("(not set)", ""),
        ("{{campaign.name}}", ""),
        ("{campaignid}", ""),
        ("__CAMPAIGN_NAME__", ""),
        ("%7B%7Bcampaign.name%7D%7D", ""),
        ("brand__it__search", "brand-it-search"),
    ],
)
def test_normalised_names(name: str | None, normalised: str) -> None:
    assert normalised_name(name) == normalised


def test_a_campaign_that_was_renamed_keeps_its_key() -> None:
    assert campaign_key("google_ads", "1", "9", "Old") == campaign_key("google_ads", "1", "9", "New")


def test_equal_names_of_two_platforms_or_accounts_stay_apart() -> None:
    keys = {
        campaign_key(*place, None, "Brand") for place in (("google_ads", "1"), ("google_ads", "2"), ("microsoft", "1"))
    }
    assert len(keys) == 3


@pytest.mark.parametrize("campaign_id", [None, "", "  ", "{campaignid}", "name:Brand"])
def test_without_an_id_the_name_is_the_key(campaign_id: str | None) -> None:
    assert campaign_key("meta", "act_1", campaign_id, "Brand") == "meta:1:name:brand"


def test_without_id_and_name() -> None:
    assert campaign_key("meta", "1", None, "{{campaign.name}}") == UNMATCHED
    assert campaign_key(None, None, "77", None) == "name:77"


@pytest.mark.parametrize(("account", "number"), [("customers:123-456-7890", "1234567890"), ("a-b", "a-b"), (None, "")])
def test_accounts(account: str | None, number: str) -> None:
    assert account_number(account) == number


@given(st.text(max_size=100))
def test_a_name_never_has_a_separator_left(name: str) -> None:
    normalised = normalised_name(name)
    assert not set(normalised) & set("+_| ")
    assert "--" not in normalised
    assert not (is_placeholder(name) and normalised)
