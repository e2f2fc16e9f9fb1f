"""Touches keep their time, and the latest click of a platform wins, over HTTP, from a form and from a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from conversions.ad_clicks import clicks_of, latest_click
from conversions.person_identifiers import identifiers_of
from features.collected_touches import missing_touch_values, with_touches
from leadworth.records import Lead
from tests.conversions.export_setup import ExportSetup, lead

NOW = datetime.now(UTC).replace(microsecond=0)
LAST = NOW - timedelta(days=5)
FIRST = NOW - timedelta(days=60)
TOUCHES = json.dumps(
    {
        "v": 1,
        "ms": 20000,
        "first": {"gclid": "CjwKold000000001", "at": int(FIRST.timestamp())},
        "last": {"wbraid": "Cj8KnewWbraid01", "fbclid": "IwAR0testtouch", "at": int(LAST.timestamp())},
    }
)
CLICKED_FBC = f"fb.1.{int(LAST.timestamp() * 1000)}.IwAR0testtouch"


def completed(**fields: Any) -> Lead:
    """Return a lead as the service completes it."""
    first = Lead(lw_data=TOUCHES, **fields)
    return first.model_copy(update=missing_touch_values(first))


def from_file(**fields: Any) -> dict[str, Any]:
    """Return the fields of a lead as a file gives them."""
    table = with_touches(pd.DataFrame({"lw_data": [TOUCHES], **{name: [value] for name, value in fields.items()}}))
    return {str(name): value for name, value in table.iloc[0].items()}


def test_a_touch_keeps_its_time_in_both_paths() -> None:
    expected = {
        "gclid": ("CjwKold000000001", FIRST),
        "wbraid": ("Cj8KnewWbraid01", LAST),
        "fbclid": ("IwAR0testtouch", LAST),
    }
    assert clicks_of(completed().__dict__) == expected
    assert clicks_of(from_file()) == expected


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, "wbraid"),
        ({"gclid": "CjwKold000000001"}, "wbraid"),  # the form kept the id of the first touch
        ({"gclid": "CjwKown000000001"}, "gclid"),  # an id that no touch has is the form's own
        ({"gclid": "CjwKown000000001", "clicked_at": NOW - timedelta(days=9)}, "wbraid"),
        ({"gclid": "CjwKown000000001", "clicked_at": NOW - timedelta(days=1)}, "gclid"),
        ({"gclid": "{{gclid}} ", "wbraid": "a b"}, "wbraid"),
    ],
)
def test_the_latest_click_wins_across_kinds(fields: dict[str, Any], kind: str) -> None:
    for person in (completed(**fields).__dict__, from_file(**fields)):
        assert latest_click(identifiers_of(person), ("gclid", "gbraid", "wbraid")) == kind


def test_the_time_in_a_cookie_of_meta_is_its_click() -> None:
    identity = identifiers_of({"fbc": CLICKED_FBC, "clicked_at": NOW})
    assert identity.click_times == {"fbc": LAST}


def test_touches_without_a_time_and_damaged_payloads_are_read() -> None:
    assert clicks_of({"lw_data": '{"last": {"gclid": "CjwKlast00000001", "at": "soon"}}'}) == {
        "gclid": ("CjwKlast00000001", None)
    }
    assert clicks_of({"lw_data": '{"last": ['}) == clicks_of({"lw_data": float("nan")}) == {}


def test_platforms_get_the_time_and_kind_of_the_last_click(export: ExportSetup) -> None:
    fields = {"gclid": None, "lw_data": TOUCHES}
    first = lead(1, submitted_at=NOW - timedelta(hours=8), **fields)
    first = first.model_copy(update=missing_touch_values(first))
    export.add(first, to=("google", "meta"))
    with export.engine.connect() as connection:
        bodies = {
            name: export.worker(name)
            .preparation.prepare(connection, export.rows()[number : number + 1], datetime.now(UTC))
            .events[0]
            for number, name in enumerate(row["destination"] for row in export.rows())
        }
    assert bodies["google"].payload.body["adIdentifiers"] == {"wbraid": "Cj8KnewWbraid01"}
    assert bodies["meta"].payload.body["user_data"]["fbc"] == CLICKED_FBC


def test_an_old_click_does_not_cost_a_conversion_that_has_other_identifiers(export: ExportSetup) -> None:
    clicked = NOW - timedelta(days=100)
    only_click = {"email": None, "phone": None, "msclkid": None}
    export.add(lead(1, clicked_at=clicked), lead(2, clicked_at=clicked, **only_click), to=("google",))
    export.make_due()
    assert export.worker("google").work() == {"accepted": 1, "expired": 1}
    rows = {row["lead_id"]: row for row in export.rows()}
    assert rows["L1"]["repairs"] == "gclid dropped: click outside the window"
    assert rows["L2"]["code"] == "too-old"
