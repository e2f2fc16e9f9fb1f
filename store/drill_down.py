"""Leads and rows behind the figures of the report: what each adds to a figure, and the sum of it.

A figure is computed from sums over leads. `LEAD_PARTS` says for each of these sums what one lead adds to it, so that a
list of leads with these columns adds up to the figure exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_

from store.report_schema import lead_facts, spend_days, traffic_days
from store.report_scope import ReportScope, counted, within
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

PAGE = 50
BATCH = 2_000
MILLION = 1_000_000
_FACT = lead_facts.c
_UNTOUCHED = and_(_FACT.mql_at.is_not(None), _FACT.touched_at.is_(None), _FACT.value_micros.is_not(None))
_IS_UNPRICED = and_(_FACT.won_at.is_not(None), _FACT.revenue_micros.is_(None))
_IS_OPEN = and_(_FACT.won_at.is_(None), _FACT.lost_at.is_(None), _FACT.gone_at.is_(None))
_IS_OPEN_SCORED = and_(_IS_OPEN, _FACT.value_micros.is_not(None))
_IS_QUOTED = and_(_IS_OPEN, _FACT.quote_at.is_not(None))
_IS_SQL = and_(_IS_OPEN, _FACT.quote_at.is_(None), _FACT.sql_at.is_not(None))
_SHOWN = (
    "lead_id",
    "submitted_at",
    "source",
    "medium",
    "channel",
    "campaign_key",
    "campaign_name",
    "country",
    "matched_by",
    "entry",
    "junk_ppm",
    "win_ppm",
    "value_micros",
    "stage",
    "mql_at",
    "sql_at",
    "quote_at",
    "won_at",
    "lost_at",
    "gone_at",
    "touched_at",
    "revenue_micros",
)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _where(condition: ColumnElement[bool], amount: ColumnElement[Any]) -> ColumnElement[int]:
    return case((condition, func.coalesce(amount, 0)), else_=0)


LEAD_PARTS: dict[str, ColumnElement[int]] = {
    "leads": _flag(_FACT.lead_id.is_not(None)),
    "scored": _flag(_FACT.junk_ppm.is_not(None)),
    "genuine_ppm": _where(_FACT.junk_ppm.is_not(None), MILLION - _FACT.junk_ppm),
    "junk": _flag(and_(_FACT.junk_ppm.is_not(None), _FACT.junk_ppm >= MILLION // 2)),
    "mql": _flag(_FACT.mql_at.is_not(None)),
    "sql": _flag(_FACT.sql_at.is_not(None)),
    "quoted": _flag(_FACT.quote_at.is_not(None)),
    "won": _flag(_FACT.won_at.is_not(None)),
    "lost": _flag(_FACT.lost_at.is_not(None)),
    "unpriced": _flag(_IS_UNPRICED),
    "revenue_micros": _where(_FACT.won_at.is_not(None), _FACT.revenue_micros),
    "cost_micros": _where(_FACT.won_at.is_not(None), _FACT.cost_micros),
    "open_scored": _flag(_IS_OPEN_SCORED),
    "open_win_ppm": _where(_IS_OPEN_SCORED, _FACT.win_ppm),
    "open_value_micros": _where(_IS_OPEN_SCORED, _FACT.value_micros),
    "submit_win_ppm": func.coalesce(_FACT.submit_win_ppm, 0),
    "submit_value_micros": _where(_FACT.submit_win_ppm.is_not(None), _FACT.submit_value_micros),
    "submit_won": _flag(and_(_FACT.won_at.is_not(None), _FACT.submit_win_ppm.is_not(None))),
    "submit_revenue_micros": _where(
        and_(_FACT.won_at.is_not(None), _FACT.submit_win_ppm.is_not(None)), _FACT.revenue_micros
    ),
    "deals_sql_micros": _where(_IS_SQL, _FACT.expected_revenue_micros),
    "deals_quoted_micros": _where(_IS_QUOTED, _FACT.expected_revenue_micros),
    "touched": _flag(_FACT.touched_at.is_not(None)),
    "untouched": _flag(_UNTOUCHED),
    "untouched_micros": _where(_UNTOUCHED, _FACT.value_micros),
}
"""Name of a sum -> what one lead adds to it."""

EVENTS = {
    "mql": _FACT.mql_at,
    "sql": _FACT.sql_at,
    "quoted": _FACT.quote_at,
    "won": _FACT.won_at,
    "lost": _FACT.lost_at,
    "unpriced": _FACT.won_at,
    "revenue_micros": _FACT.won_at,
    "cost_micros": _FACT.won_at,
}
"""Sum -> the moment of its event, for the calendar view."""


@dataclass(frozen=True)
class LeadSelection:
    """Leads behind a figure.

    Attributes
    ----------
    scope, first, last
        Filters and days.
    zone
        Time zone of the days.
    parts
        Names of the sums, keys of `LEAD_PARTS`.
    is_calendar
        Whether events count by the day on which they happened, instead of the day of submit.
    every_day
        Whether leads of all days count, as for what waits now.
    """

    scope: ReportScope
    first: date
    last: date
    zone: ZoneInfo
    parts: tuple[str, ...]
    is_calendar: bool = False
    every_day: bool = False

    def amounts(self) -> list[ColumnElement[int]]:
        """Return what a lead adds to each of the sums."""
        return [self._amount(name) for name in self.parts]

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on a lead: within the filters, and it adds to one of the sums."""
        by_submit = [name for name in self.parts if not self._by_event(name)]
        events = {EVENTS[name].name: EVENTS[name] for name in self.parts if self._by_event(name)}
        begun = [self._during(column) for column in events.values()]
        if by_submit:
            begun.append(self._submitted())
        conditions = self.scope.conditions(lead_facts)
        if not self.every_day:
            conditions.append(or_(*begun))
        if "leads" not in self.parts:
            conditions.append(or_(*(amount != 0 for amount in self.amounts())))
        return conditions

    def order(self) -> ColumnElement[Any]:
        """Return what the leads are ordered by, falling, before their id."""
        return _FACT.value_micros if self.every_day else _FACT.submitted_at

    def key_of(self, lead: Mapping[str, Any]) -> tuple[str | int, str]:
        """Return the place of a lead in the order."""
        if not self.every_day:
            return lead["submitted_at"], lead["lead_id"]
        return lead["value_micros"], lead["lead_id"]

    def _by_event(self, name: str) -> bool:
        return self.is_calendar and name in EVENTS

    def _amount(self, name: str) -> ColumnElement[int]:
        amount = LEAD_PARTS[name]
        if not self.is_calendar:
            return amount
        during = self._during(EVENTS[name]) if name in EVENTS else self._submitted()
        return case((during, amount), else_=0)

    def _submitted(self) -> ColumnElement[bool]:
        # The moments let the database use the indexes by time; the day is that of the zone when the facts were made.
        moments = _FACT.submitted_at.between(*moments_of(self.first - timedelta(days=1), self.last, self.zone, 1))
        return and_(within(_FACT.day, self.first, self.last), moments)

    def _during(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        begin, end = moments_of(self.first, self.last, self.zone, 0)
        return and_(column >= begin, column < end)


def moments_of(first: date, last: date, zone: ZoneInfo, further_days: int = 0) -> tuple[str, str]:
    """Return the first moment of a day, and that after another one."""
    end = last + timedelta(days=1 + further_days)
    return tuple(stamp(datetime.combine(day, time(), zone).astimezone(UTC)) for day in (first, end))  # type: ignore[return-value]


def lead_totals(connection: Connection, selection: LeadSelection) -> tuple[int, dict[str, int]]:
    """Return the number of leads, and the sum of what they add to each part of the figure."""
    query = select(func.count(), *(func.sum(amount) for amount in selection.amounts())).select_from(lead_facts)
    row = counted(connection.execute(query.where(*selection.conditions())).one())
    return row[0], dict(zip(selection.parts, row[1:], strict=True))


def unpriced_wins(connection: Connection, selection: LeadSelection) -> int:
    """Return the number of won leads of a selection of the part `unpriced`; an index of such leads answers."""
    query = select(func.count()).select_from(lead_facts).where(_IS_UNPRICED, *selection.conditions())
    return int(connection.execute(query).scalar_one())


def lead_page(
    connection: Connection, selection: LeadSelection, after: tuple[str | int, str] | None = None, limit: int = PAGE
) -> list[dict[str, Any]]:
    """Return leads with what each adds to the parts of the figure, newest first; of every day by falling value.

    Parameters
    ----------
    connection
        Connection to the store.
    selection
        Leads behind a figure.
    after
        `key_of` the last lead of the page before; None: the first page.
    limit
        Most leads of a page.

    Returns
    -------
    list
        Columns of `lead_facts` and `parts`: name of a sum -> amount.
    """
    query = _ordered(selection).limit(limit)
    if after is not None:
        query = query.where(tuple_(selection.order(), _FACT.lead_id) < tuple_(*after))
    return [_lead(row, selection) for row in connection.execute(query)]


def every_lead(connection: Connection, selection: LeadSelection) -> Iterator[dict[str, Any]]:
    """Yield all leads of a selection, in the order of `lead_page`, without holding them in memory."""
    rows = connection.execute(_ordered(selection), execution_options={"yield_per": BATCH})
    for row in rows:
        yield _lead(row, selection)


def spend_behind(connection: Connection, scope: ReportScope, first: date, last: date) -> list[dict[str, Any]]:
    """Return the spend of a range of days by platform, account and campaign; it adds up to that of the report."""
    table = spend_days.c
    groups = [table.platform, table.account_id, table.channel, table.campaign_key, table.currency]
    sums = {
        "cost_micros": table.cost_micros,
        "converted_micros": table.converted_micros,
        "impressions": table.impressions,
        "clicks": table.clicks,
        "invalid_clicks": table.invalid_clicks,
    }
    counts = {
        "unconverted": case((table.converted_micros.is_(None), 1), else_=0),
        "searched_impressions": case((table.eligible_impressions.is_not(None), table.impressions), else_=0),
    }
    columns = [func.coalesce(func.sum(part), 0).label(name) for name, part in {**sums, **counts}.items()]
    query = select(*groups, func.max(table.campaign_name).label("campaign_name"), *columns)
    query = query.where(within(table.day, first, last), *scope.conditions(spend_days)).group_by(*groups)
    return _rows(connection, query.order_by(*groups), (*sums, *counts))


def traffic_behind(connection: Connection, scope: ReportScope, first: date, last: date) -> list[dict[str, Any]]:
    """Return the sessions of a range of days by property, source and campaign; they add up to those of the report."""
    table = traffic_days.c
    groups = [table.property_id, table.source, table.medium, table.channel, table.campaign_key]
    names = ("sessions", "engaged_sessions", "views", "session_seconds", "key_events")
    columns = [func.coalesce(func.sum(table[name]), 0).label(name) for name in names]
    query = select(*groups, func.max(table.campaign_name).label("campaign_name"), *columns)
    query = query.where(within(table.day, first, last), *scope.conditions(traffic_days)).group_by(*groups)
    return _rows(connection, query.order_by(*groups), names)


def _ordered(selection: LeadSelection) -> Select[Any]:
    columns = [_FACT[name] for name in _SHOWN]
    amounts = [amount.label(f"part_{number}") for number, amount in enumerate(selection.amounts())]
    query = select(*columns, *amounts).where(*selection.conditions())
    return query.order_by(selection.order().desc(), _FACT.lead_id.desc())


def _lead(row: Sequence[Any], selection: LeadSelection) -> dict[str, Any]:
    width = len(_SHOWN)
    lead = dict(zip(_SHOWN, row[:width], strict=True))
    lead["parts"] = dict(zip(selection.parts, counted(row[width:]), strict=True))
    return lead


def _rows(connection: Connection, query: Select[Any], sums: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {**row, **{name: int(row[name]) for name in sums}} for row in map(dict, connection.execute(query).mappings())
    ]
