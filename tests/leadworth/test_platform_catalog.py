"""Catalog of ad platforms."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from leadworth.platform_catalog import PlatformInfo, click_id_headers, platforms
from leadworth.records import CLICK_IDS


def test_every_click_id_of_a_platform_is_a_click_id_of_a_lead() -> None:
    assert set(click_id_headers()) <= set(CLICK_IDS)


def test_headers_of_a_click_id_that_several_platforms_share_are_merged() -> None:
    assert [name for name, platform in platforms().items() if "gclid" in platform.click_ids] == [
        "google",
        "google_ads",
        "google_file",
    ]
    assert click_id_headers()["gclid"] == ("gclid", "google click id")


def test_an_unknown_key_of_a_data_file_is_an_error() -> None:
    with pytest.raises(ValidationError, match="fewest_conversion"):
        PlatformInfo.model_validate({"match_by": ["email"], "fewest_conversion": 15})
