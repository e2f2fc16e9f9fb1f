"""Junk alarms of the monitoring as alarms of the report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from reporting.page.page_model import Alarm, Figure, Level, Message, Quantity, Unit
from reporting.views.report_filters import ReportFilters

if TYPE_CHECKING:
    from monitoring.junk_alarms import JunkAlarm


def junk_alarm_views(
    alarms: Iterable[JunkAlarm], filters: ReportFilters, currency: str, *, money: bool, links: bool
) -> list[Alarm]:
    """Return the alarms of the page.

    Parameters
    ----------
    alarms
        Rises of the junk share that have not ended.
    filters
        State of the page, for the links.
    currency
        Of the money at risk.
    money, links
        Whether the reader may see money, and follow links.
    """
    return [_view(alarm, filters, currency, money=money, links=links) for alarm in alarms]


def _view(alarm: JunkAlarm, filters: ReportFilters, currency: str, *, money: bool, links: bool) -> Alarm:
    headline = Message("Junk has risen: {channel}", {"channel": alarm.channel})
    if alarm.campaign:
        values = {"channel": alarm.channel, "campaign": alarm.campaign}
        headline = Message("Junk has risen: {channel}, {campaign}", values)
    detail = Message(
        "{share} ({low} to {high}) of {count} {count|lead|leads} since {day}, before {before}: check or cut it first",
        {
            "share": Quantity(alarm.after, Unit.SHARE),
            "low": Quantity(alarm.low, Unit.SHARE),
            "high": Quantity(alarm.high, Unit.SHARE),
            "count": Quantity(alarm.leads),
            "day": datetime.fromtimestamp(alarm.since, UTC).date(),
            "before": Quantity(alarm.before, Unit.SHARE),
        },
    )
    figure = None
    if money:
        title = Message("at risk: what form counts would credit to this junk, and the sales time it costs")
        figure = Figure("money_at_risk", title, Quantity(alarm.at_risk, Unit.MONEY, currency))
    pairs = [pair for pair in filters.parameters() if pair[0] not in ("channel", "campaign")]
    href = f"report?{urlencode([*pairs, ('channel', alarm.channel)])}" if links else None
    return Alarm("junk", Level.ALARM, headline, detail, figure, href)
