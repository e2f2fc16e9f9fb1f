"""File for Google Ads."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadworth.http_errors import BusyError
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


def test_a_file_that_cannot_be_written_is_written_later(tmp_path: Path) -> None:
    with running_platforms(tmp_path) as (_, named):
        row = named["google_file"].plan(event(identity=with_ids(ADA, gclid="Cj0KCQ")))
        (tmp_path / "exports").write_text("in the place of the folder", encoding="utf-8")
        with pytest.raises(BusyError, match="not-written: File exists"):
            named["google_file"].send([row])
        (tmp_path / "exports").unlink()
        named["google_file"].send([row])
    assert len(list((tmp_path / "exports").iterdir())) == 1
