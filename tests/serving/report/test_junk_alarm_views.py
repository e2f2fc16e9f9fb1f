"""Alarms of junk on the page: headline, money and link."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from monitoring.junk_alarms import JunkAlarm
from reporting.page.page_model import Alarm, Level, Quantity, Unit
from reporting.views.report_filters import ReportFilters
from serving.report.junk_alarm_views import junk_alarm_views

SINCE = datetime(2026, 11, 3, 23, 30, tzinfo=UTC).timestamp()
ALARM = JunkAlarm("Paid Social", "spring & co", SINCE, SINCE + 60, 40, 30, 0.1, 0.75, 0.6, 0.86, 1_200.0, 300.0)
FILTERS = ReportFilters(period="2026", channel=("Email",), campaign=("name:x",), country=("IT",))


def view(alarm: JunkAlarm = ALARM, **shown: Any) -> Alarm:
    [made] = junk_alarm_views([alarm], FILTERS, "EUR", **{"money": True, "links": True, **shown})
    return made


def test_no_alarm() -> None:
    assert junk_alarm_views([], FILTERS, "EUR", money=True, links=True) == []


def test_the_detail_has_share_interval_and_count() -> None:
    made = view()
    assert (made.kind, made.level) == ("junk", Level.ALARM)
    assert made.detail.values == {
        "share": Quantity(0.75, Unit.SHARE),
        "low": Quantity(0.6, Unit.SHARE),
        "high": Quantity(0.86, Unit.SHARE),
        "count": Quantity(40),
        "day": date(2026, 11, 3),
        "before": Quantity(0.1, Unit.SHARE),
    }


def test_the_campaign_is_named_where_one_brought_the_junk() -> None:
    assert view().headline.values == {"channel": "Paid Social", "campaign": "spring & co"}
    assert view(replace(ALARM, campaign="")).headline.values == {"channel": "Paid Social"}


def test_money_at_risk_is_shown_to_those_who_may_see_it() -> None:
    figure = view().figure
    assert figure is not None
    assert figure.quantity == Quantity(1_500.0, Unit.MONEY, "EUR")
    assert view(money=False).figure is None


def test_the_link_leads_to_the_channel_and_keeps_the_other_filters() -> None:
    assert view().href == "report?period=2026&country=IT&channel=Paid+Social"
    assert view(links=False).href is None
