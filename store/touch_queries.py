"""Touches before the wins of a period, and paths of touches of all leads, for attribution."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, select

from store.any_of import any_of
from store.report_schema import lead_facts, touches
from store.report_scope import ReportScope, within

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FACT = lead_facts.c


@dataclass(frozen=True)
class LeadPath:
    """Touches of a lead, oldest first, up to its win.

    Attributes
    ----------
    day, channel, campaign_key, country
        Of the lead; its channel is the only touch of a lead without touches.
    touches
        Moment and channel.
    """

    lead_id: str
    day: str
    channel: str
    campaign_key: str
    country: str
    submitted_at: str
    quote_at: str | None
    won_at: str | None
    revenue_micros: int
    touches: tuple[tuple[str, str], ...]


def won_paths(connection: Connection, days: Collection[str]) -> Iterator[LeadPath]:
    """Yield the touches before the win of each won lead that was submitted on one of some days."""
    return _paths(connection, [_FACT.won_at.is_not(None), any_of(_FACT.day, days)])


def paths_won_between(connection: Connection, begin: str, end: str) -> Iterator[LeadPath]:
    """Yield the touches before each win between two moments, the second one not included."""
    return _paths(connection, [_FACT.won_at >= begin, _FACT.won_at < end])


def every_path(connection: Connection, scope: ReportScope, first: date, last: date) -> Iterator[LeadPath]:
    """Yield the touches of each lead that was submitted in a range of days, won or not."""
    return _paths(connection, [within(_FACT.day, first, last), *scope.conditions(lead_facts)])


def _paths(connection: Connection, conditions: list[ColumnElement[bool]]) -> Iterator[LeadPath]:
    before_win = and_(touches.c.lead_id == _FACT.lead_id, touches.c.at <= func.coalesce(_FACT.won_at, touches.c.at))
    keys = (_FACT.lead_id, _FACT.day, _FACT.channel, _FACT.campaign_key, _FACT.country)
    columns = (*keys, _FACT.submitted_at, _FACT.quote_at, _FACT.won_at, _FACT.revenue_micros)
    query = select(*columns, touches.c.at, touches.c.channel.label("touched")).select_from(
        lead_facts.outerjoin(touches, before_win)
    )
    query = query.where(*conditions).order_by(_FACT.lead_id, touches.c.at, touches.c.touch_id)
    rows: Any = connection.execute(query)
    for lead_id, group in groupby(rows, key=lambda row: row[0]):
        of_lead = list(group)
        _, day, channel, campaign_key, country, submitted_at, quote_at, won_at, revenue, *_ = of_lead[0]
        path = tuple((row.at, row.touched) for row in of_lead if row.at is not None)
        only = ((submitted_at, channel),)
        key = (lead_id, day, channel, campaign_key, country)
        yield LeadPath(*key, submitted_at, quote_at, won_at, int(revenue or 0), path or only)
