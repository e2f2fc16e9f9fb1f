"""Sums of one report: of the page, its channels and campaigns, of the period of comparison and of the last weeks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reporting.facts.report_days import report_zone
from reporting.views.metric_inputs import (
    OUTCOME_INPUTS,
    ScopeSums,
    setting_inputs,
    usable_spend,
    usable_traffic,
    with_events,
)
from reporting.views.report_filters import ReportFilters
from reporting.views.report_period import DayRange
from reporting.views.unpriced_wins import count_unpriced
from store import report_queries
from store.report_queries import Grouped, Sums
from store.report_snapshot import has_outcomes
from store.spend_by_currency import CurrencySpend, spend_by_currency

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.settings import Settings

WEEKS = 12
Campaign = tuple[str, ...]
"""Channel and campaign key."""


@dataclass(frozen=True)
class PageSums:
    """Sums of the report.

    Attributes
    ----------
    today
        In the zone of the report.
    days, compared
        Days of the period that have begun, and those of the period of comparison.
    total, channels
        Sums of the period.
    campaigns
        Leads, revenue, predicted value and spend of each campaign, and no more; `read_campaigns` has all of some.
    before, channels_before
        Sums of the period of comparison; None without one.
    weeks
        Monday -> sums, oldest first; the last one may not have ended.
    spend_has_countries
        Whether all spend says its country, or no country is chosen.
    currencies
        Spend by channel and currency, where some of it has no rate; empty where all can be added up.
    unpriced
        Wins of the period whose amount is not known.
    predicts
        Whether predictions may be used.
    """

    filters: ReportFilters
    settings: Settings
    zone: ZoneInfo
    today: date
    days: DayRange
    compared: DayRange | None
    total: ScopeSums
    channels: Mapping[str, ScopeSums]
    campaigns: Mapping[Campaign, ScopeSums]
    before: ScopeSums | None
    channels_before: Mapping[str, ScopeSums]
    weeks: Mapping[date, ScopeSums]
    spend_has_countries: bool
    has_outcomes: bool
    currencies: tuple[CurrencySpend, ...] = ()
    unpriced: int = 0
    predicts: bool = True

    def without_predictions(self) -> PageSums:
        """Return the sums with what is seen only."""
        return replace(
            self,
            predicts=False,
            total=_seen(self.total),
            channels={name: _seen(part) for name, part in self.channels.items()},
            campaigns={key: _seen(part) for key, part in self.campaigns.items()},
            before=None if self.before is None else _seen(self.before),
            channels_before={name: _seen(part) for name, part in self.channels_before.items()},
            weeks={start: _seen(part) for start, part in self.weeks.items()},
        )


def seen_only(sums: Mapping[str, int]) -> Sums:
    """Return sums over leads without what is predicted of open ones.

    Examples
    --------
    >>> seen_only({"won": 1, "open_win_ppm": 5})
    {'won': 1, 'open_win_ppm': 0}
    """
    return {name: 0 if name.startswith("open_") else amount for name, amount in sums.items()}


def _seen(part: ScopeSums) -> ScopeSums:
    return replace(part, leads=seen_only(part.leads))


def read_sums(
    connection: Connection, settings: Settings, filters: ReportFilters, now: datetime, end: date | None = None
) -> PageSums:
    """Return the sums of the report.

    Parameters
    ----------
    connection
        Connection to the store.
    settings
        With the section `[report]`.
    filters
        State of the page.
    now
        Timezone-aware.
    end
        Last day that all sources reach, where it is before the end of the period.
    """
    zone = report_zone(settings)
    today = now.astimezone(zone).date()
    days, compared = filters.days(today, end), filters.compared_days(today, end)
    has_countries = not filters.country or not report_queries.spend_without_country(
        connection, filters.scope, days.first, days.last
    )
    reader = _SumsReader(connection, filters, has_countries)
    channels = reader.channels(days)
    channels_before = {} if compared is None else reader.channels(compared)
    named = setting_inputs(settings, days.days)
    total = replace(add_all(channels.values()), further=named)
    currencies: list[CurrencySpend] = []
    if total.spend is not None and total.cost_micros is None:
        currencies = spend_by_currency(connection, filters.scope, days.first, days.last)
    return PageSums(
        filters=filters,
        settings=settings,
        zone=zone,
        today=today,
        days=days,
        compared=compared,
        total=total,
        channels={name: replace(sums, further=named) for name, sums in channels.items()},
        campaigns=reader.campaigns(days),
        before=None
        if compared is None
        else replace(add_all(channels_before.values()), further=setting_inputs(settings, compared.days)),
        channels_before=channels_before,
        weeks=reader.weeks(days.last, setting_inputs(settings, 7)),
        spend_has_countries=has_countries,
        has_outcomes=bool(total.leads.get("won") or total.leads.get("lost")) or has_outcomes(connection),
        currencies=tuple(currencies),
        unpriced=count_unpriced(connection, filters, days, zone),
    )


def known(part: ScopeSums, sums: PageSums) -> ScopeSums:
    """Return sums of a page without outcomes where no source has any: 0 wins would be a statement."""
    return part if sums.has_outcomes else replace(part, unknown=OUTCOME_INPUTS)


def read_totals(connection: Connection, sums: PageSums, days: DayRange) -> ScopeSums:
    """Return the sums of other days with the filters of a page."""
    reader = _SumsReader(connection, sums.filters, sums.spend_has_countries)
    return replace(add_all(reader.channels(days).values()), further=setting_inputs(sums.settings, days.days))


def read_campaigns(connection: Connection, sums: PageSums, keys: Collection[str]) -> dict[str, ScopeSums]:
    """Return all sums of some campaigns of the period."""
    if not keys:
        return {}
    filters = sums.filters.with_(campaign=tuple(sorted(keys)))
    rows = _SumsReader(connection, filters, sums.spend_has_countries).by_campaign(sums.days)
    found = {key: replace(part, further=sums.total.further) for key, part in rows.items()}
    return found if sums.predicts else {key: _seen(part) for key, part in found.items()}


def add_all(parts: Iterable[ScopeSums]) -> ScopeSums:
    """Return the sum of several sums; spend or traffic is unknown where no part has it."""
    parts = list(parts)
    if len(parts) == 1:
        return replace(parts[0], further={}, unknown=frozenset())

    def known_of(sums: Iterable[Sums | None]) -> Sums | None:
        there = [part for part in sums if part is not None]
        return sum_of(there) if there else None

    return ScopeSums(
        sum_of(part.leads for part in parts),
        known_of(part.spend for part in parts),
        known_of(part.traffic for part in parts),
        known_of(part.events for part in parts),
    )


def sum_of(parts: Iterable[Mapping[str, int]]) -> Sums:
    """Return the sum of the sums of several scopes.

    Examples
    --------
    >>> sum_of([{"leads": 1}, {"leads": 2, "won": 1}])
    {'leads': 3, 'won': 1}
    """
    parts = list(parts)
    names = dict.fromkeys(chain.from_iterable(parts))
    if all(len(part) == len(names) for part in parts):  # the same names, as nearly always: a page adds up thousands
        rows = (map(part.__getitem__, names) for part in parts)
        return dict(zip(names, map(sum, zip(*rows, strict=True)), strict=True))
    return {name: sum(part.get(name, 0) for part in parts) for name in names}


class _SumsReader:
    """Queries with the filters of a page."""

    def __init__(self, connection: Connection, filters: ReportFilters, spend_has_countries: bool) -> None:
        self._connection = connection
        self._scope = filters.scope
        self._is_calendar = filters.view == "calendar"
        self._knows_spend = spend_has_countries

    def campaigns(self, days: DayRange) -> dict[Campaign, ScopeSums]:
        """Return the sums that weigh each campaign."""
        parts = report_queries.campaign_weights(self._connection, self._scope, days.first, days.last)
        return self._sums(*parts)

    def by_campaign(self, days: DayRange) -> dict[str, ScopeSums]:
        """Return the sums of each campaign, of all channels together, without its sessions."""
        return {name: replace(part, traffic=None) for name, part in self._by(days, "campaign_key").items()}

    def channels(self, days: DayRange) -> dict[str, ScopeSums]:
        """Return the sums of each channel, by name."""
        return dict(sorted(self._by(days, "channel").items()))

    def weeks(self, last: date, named: Mapping[str, float]) -> dict[date, ScopeSums]:
        """Return the sums of the weeks that end with that of a day."""
        monday = last - timedelta(days=last.weekday())
        first = monday - timedelta(weeks=WEEKS - 1)
        days = self._by(DayRange(first, last), "day")
        weeks: dict[date, ScopeSums] = {}
        for number in range(WEEKS):
            start = first + timedelta(weeks=number)
            keys = [(start + timedelta(days=day)).isoformat() for day in range(7)]
            weeks[start] = replace(add_all(days[key] for key in keys if key in days), further=named)
        return weeks

    def _by(self, days: DayRange, by: str) -> dict[str, ScopeSums]:
        parts = report_queries.all_sums(self._connection, self._scope, days.first, days.last, (by,))
        return {key[0]: part for key, part in self._sums(*parts).items()}

    def _sums(
        self, leads: Grouped, spend: Grouped, events: Grouped, traffic: Grouped | None = None
    ) -> dict[Campaign, ScopeSums]:
        traffic = traffic or {}
        if not self._knows_spend:
            spend = {}
        empty = dict.fromkeys(report_queries.LEAD_SUMS, 0)
        sums = {}
        for key in {**leads, **spend, **events, **traffic}:
            of_leads = leads.get(key, empty)
            if self._is_calendar:
                of_leads = with_events(of_leads, events.get(key))
            sums[key] = ScopeSums(
                of_leads, usable_spend(spend.get(key)), usable_traffic(traffic.get(key)), events.get(key, {})
            )
        return sums
