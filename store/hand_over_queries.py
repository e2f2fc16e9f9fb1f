"""What the report says about sales: times to the first contact, leads that wait, and moments of the stages."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from store.report_schema import lead_facts, response_bins
from store.report_scope import ReportScope, within
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FACT = lead_facts.c


def response_counts(
    connection: Connection, scope: ReportScope, first: date, last: date, hours: str
) -> tuple[dict[int, int], dict[int, int]]:
    """Return touched and untouched leads by the bin of their time, of the weeks that begin in a range of days.

    Parameters
    ----------
    connection
        Connection to the store.
    scope
        Filters; the bins have a channel, no campaign and no country.
    first, last
        Days; a week counts whole from the one that the first day is in.
    hours
        `clock` or `business`.
    """
    table = response_bins.c
    monday = first - timedelta(days=first.weekday())
    query = select(table.bin, func.sum(table.touched), func.sum(table.untouched)).where(
        within(table.week, monday, last), table.hours == hours, *scope.conditions(response_bins)
    )
    touched: dict[int, int] = defaultdict(int)
    untouched: dict[int, int] = defaultdict(int)
    for number, answered, waiting in connection.execute(query.group_by(table.bin)):
        touched[int(number)] += int(answered)
        untouched[int(number)] += int(waiting)
    return dict(touched), dict(untouched)


def has_contacts(connection: Connection) -> bool:
    """Return whether the store has a contact of sales with any lead; files of deals hold none."""
    query = select(response_bins.c.touched).where(response_bins.c.touched > 0).limit(1)
    return connection.execute(query).first() is not None


def untouched_totals(
    connection: Connection, scope: ReportScope, submitted: tuple[datetime, datetime] | None = None
) -> tuple[int, int]:
    """Return the number of open MQLs without a contact, and their predicted value in millionths.

    A lead has a predicted value while it is open; so an index alone answers.

    Parameters
    ----------
    connection
        Connection to the store.
    scope
        Filters.
    submitted
        Moments from the first of which to before the second the leads were submitted; None: ever.
    """
    waits = and_(_FACT.mql_at.is_not(None), _FACT.touched_at.is_(None), _FACT.value_micros.is_not(None))
    query = select(func.count(), func.coalesce(func.sum(_FACT.value_micros), 0)).where(waits)
    if submitted is not None:
        query = query.where(_FACT.submitted_at >= stamp(submitted[0]), _FACT.submitted_at < stamp(submitted[1]))
    count, value = connection.execute(query.where(*scope.conditions(lead_facts))).one()
    return int(count), int(value)
