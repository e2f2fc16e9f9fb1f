"""Sources are recognised by their headers."""

from __future__ import annotations

import pytest

from leadworth.errors import InputError
from reporting.imports.import_headers import file_sources, recognise
from tests.reporting.imports import files


@pytest.mark.parametrize(
    ("headers", "platform"),
    [
        *((headers, "google_ads") for headers in files.GOOGLE.values()),
        *((headers, "meta") for headers in files.META.values()),
        (files.LINKEDIN, "linkedin"),
        (files.MICROSOFT, "microsoft"),
        (files.TIKTOK, "tiktok"),
    ],
)
def test_platforms(headers: tuple[str, ...], platform: str) -> None:
    assert recognise("f.csv", headers, {"spend"}).source.platform == platform


def test_a_header_means_one_field_of_a_source() -> None:
    assert all(source.keys for source in file_sources())
    columns = recognise("f.csv", files.LINKEDIN, {"spend"}).columns
    assert (columns["clicks"], columns["link_clicks"]) == ("Clicks", "Clicks to Landing Page")


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="no column 'Spend' for cost"):
        recognise("f.csv", ["Day"], {"spend"}, named={"cost": "Spend"})


def test_the_recogniser_of_leads_helps() -> None:
    file = recognise("f.csv", ["Day", "Amount spent", "utm_campaign"], {"spend"}, "meta")
    assert file.guessed == ("campaign_name",)
