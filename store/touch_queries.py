"""Touches before the wins of a period, and paths of touches of all leads, for attribution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, select

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
    channel
        Of the lead; the only touch of a lead without touches.
    touches
        Moment and channel.
    """

    lead_id: str
    channel: str
    submitted_at: str
    quote_at: str | None
    won_at: str | None
    revenue_micros: int
    touches: tuple[tuple[str, str], ...]


def won_paths(
    connection: Connection, scope: ReportScope, first: date, last: date, won_between: tuple[str, str] | None = None
) -> Iterator[LeadPath]:
    """Yield the touches before each win.

    Parameters
    ----------
    connection
        Connection to the store.
    scope
        Filters.
    first, last
        Days of submit.
    won_between
        Moments between which the lead was won, instead of the days of submit.
    """
    if won_between is None:
        chosen = within(_FACT.day, first, last)
    else:
        chosen = and_(_FACT.won_at >= won_between[0], _FACT.won_at < won_between[1])
    return _paths(connection, [_FACT.won_at.is_not(None), chosen, *scope.conditions(lead_facts)])


def every_path(connection: Connection, scope: ReportScope, first: date, last: date) -> Iterator[LeadPath]:
    """Yield the touches of each lead that was submitted in a range of days, won or not."""
    return _paths(connection, [within(_FACT.day, first, last), *scope.conditions(lead_facts)])


def _paths(connection: Connection, conditions: list[ColumnElement[bool]]) -> Iterator[LeadPath]:
    before_win = and_(touches.c.lead_id == _FACT.lead_id, touches.c.at <= func.coalesce(_FACT.won_at, touches.c.at))
    columns = (_FACT.lead_id, _FACT.channel, _FACT.submitted_at, _FACT.quote_at, _FACT.won_at, _FACT.revenue_micros)
    query = select(*columns, touches.c.at, touches.c.channel.label("touched")).select_from(
        lead_facts.outerjoin(touches, before_win)
    )
    query = query.where(*conditions).order_by(_FACT.lead_id, touches.c.at, touches.c.touch_id)
    rows: Any = connection.execute(query)
    for lead_id, group in groupby(rows, key=lambda row: row[0]):
        of_lead = list(group)
        _, channel, submitted_at, quote_at, won_at, revenue, *_ = of_lead[0]
        path = tuple((row.at, row.touched) for row in of_lead if row.at is not None)
        yield LeadPath(
            lead_id, channel, submitted_at, quote_at, won_at, int(revenue or 0), path or ((submitted_at, channel),)
        )
