"""File for Google Ads."""

from __future__ import annotations

from pathlib import Path

from tests.conversions.events import ADA, event, running_platforms, with_ids


def test_no_cell_of_a_file_is_a_formula(tmp_path: Path) -> None:
    with running_platforms(tmp_path) as (_, named):
        formula = event(identity=with_ids(ADA, gclid="=HYPERLINK(1)"))
        [result] = named["google_file"].send([named["google_file"].plan(formula)])
    text = (tmp_path / "exports" / result.receipt).read_text(encoding="utf-8")
    assert text.splitlines()[:2] == [
        "Parameters:TimeZone=+0000",
        "Google Click ID,Conversion Name,Conversion Time,Conversion Value,Conversion Currency,Order ID,"
        "Ad User Data,Ad Personalization",
    ]
    assert "'=HYPERLINK(1)" in text
