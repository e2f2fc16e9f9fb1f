from __future__ import annotations

import json
from datetime import UTC, datetime

from features.lead_origin import origin_of
from leadworth.channel_groups import ChannelGroups, shipped
from reporting.facts.lead_touches import touch_of_form, visits_of

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
GROUPS = ChannelGroups(shipped().data, ("acme.example",))


def seconds(day: int) -> float:
    return datetime(2026, 11, day, tzinfo=UTC).timestamp()


def test_visits_that_the_collector_recorded() -> None:
    first = {"source": "facebook", "medium": "cpc", "campaign": "Spring", "at": seconds(1)}
    last = {"gclid": "Cj0", "at": seconds(19)}
    visits = list(visits_of("A", AT, {"lw_data": json.dumps({"v": 1, "first": first, "last": last})}, GROUPS))
    assert [(visit.channel, visit.at.day, visit.campaign_key) for visit in visits] == [
        ("Paid Social", 1, "name:spring"),
        ("Paid Search", 19, "(unmatched)"),
    ]


def test_no_visit_is_after_the_form_without_a_time_or_to_oneself() -> None:
    for touch, count in (
        ({"source": "google", "at": seconds(25)}, 1),
        ({"source": "google"}, 0),
        ({"source": "pay.acme.example", "at": seconds(1)}, 0),
        ("text", 0),
    ):
        visits = list(visits_of("A", AT, {"lw_data": json.dumps({"v": 1, "first": touch})}, GROUPS))
        assert len(visits) == count
        assert all(visit.at <= AT for visit in visits)
    assert list(visits_of("A", AT, {}, GROUPS)) == []


def test_a_fair_is_an_event() -> None:
    fair, form = (origin_of({"entry": entry}, GROUPS) for entry in ("fair", "form"))
    assert touch_of_form("A", AT, fair, "", "crm").kind == "event"
    assert touch_of_form("A", AT, form, "", "crm").kind == "form"
