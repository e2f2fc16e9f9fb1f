"""Keys of campaigns, by which spend, traffic and leads meet."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

UNMATCHED = "(unmatched)"
"""Campaign of a lead whose campaign is not known to any platform."""
BY_NAME = "name:"
_SEPARATORS = re.compile(r"[\s+_|\-]+")
_UNFILLED = re.compile(r"\{[^{}]*\}|%7b.*%7d|^__\w+__$", re.IGNORECASE)
_NOTHING = frozenset({"", "(not set)", "(none)", "(not provided)", "undefined", "null", "(unmatched)"})


def is_placeholder(value: str) -> bool:
    """Return whether a value is a placeholder that an ad platform should have filled in, and did not.

    Examples
    --------
    >>> [is_placeholder(name) for name in ("{{campaign.name}}", "{campaignid}", "__CAMPAIGN_NAME__", "brand_it")]
    [True, True, True, False]
    """
    return _UNFILLED.search(value) is not None


def normalised_name(name: str | None) -> str:
    """Return the form of a campaign's name by which different spellings are equal; empty where it is missing.

    Percent-decoded once, Unicode NFKC, lower case; plus signs, underscores, bars, hyphens and spaces are one hyphen.

    Examples
    --------
    >>> normalised_name("Brand + IT | Search"), normalised_name("brand%20it_search"), normalised_name("{campaignid}")
    ('brand-it-search', 'brand-it-search', '')
    """
    if name is None or is_placeholder(name):
        return ""
    text = unicodedata.normalize("NFKC", unquote(name)).lower().strip()
    return "" if text in _NOTHING else _SEPARATORS.sub("-", text).strip("-")


def campaign_key(platform: str | None, account_id: str | None, campaign_id: str | None, name: str | None) -> str:
    """Return the key of a campaign: by the platform's id where there is one, else by its normalised name.

    The key has platform and account where they are known, so that equal names of two platforms or accounts stay apart.

    Examples
    --------
    >>> campaign_key("google_ads", "123-456-7890", "987", "Brand"), campaign_key("meta", "act_1", None, "Brand IT")
    ('google_ads:1234567890:987', 'meta:1:name:brand-it')
    >>> campaign_key(None, None, None, "Brand IT"), campaign_key(None, None, None, None)
    ('name:brand-it', '(unmatched)')
    """
    number = (campaign_id or "").strip()
    place = f"{platform}:{account_number(account_id)}:" if platform else ""
    if place and number and not number.startswith(BY_NAME) and not is_placeholder(number):
        return f"{place}{number}"
    by_name = normalised_name(name or number.removeprefix(BY_NAME))
    return f"{place}{BY_NAME}{by_name}" if by_name else UNMATCHED


def account_number(account_id: str | None) -> str:
    """Return the id of an account in one spelling: without `act_` and the hyphens of Google's numbers.

    Examples
    --------
    >>> account_number("123-456-7890"), account_number("act_42"), account_number("urn:li:sponsoredAccount:7")
    ('1234567890', '42', '7')
    """
    text = (account_id or "").strip().rpartition(":")[2].removeprefix("act_")
    return text.replace("-", "") if text.replace("-", "").isdigit() else text
