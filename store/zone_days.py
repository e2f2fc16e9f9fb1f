"""Days of a time zone in SQL: the date of a stored time, which is text in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, String, Text, case, func, text, type_coerce

from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

_DAY = timedelta(days=1)


def begin_of(day: date, zone: tzinfo) -> datetime:
    """Return the first moment of a day in a zone, in UTC.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> str(begin_of(date(2026, 7, 1), ZoneInfo("Europe/Rome")))
    '2026-06-30 22:00:00+00:00'
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def offsets(first: date, last: date, zone: tzinfo) -> list[tuple[datetime, timedelta]]:
    """Return the offsets of a zone between two days, each with the moment from which it holds, to the second.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> found = offsets(date(2026, 3, 1), date(2026, 4, 1), ZoneInfo("Europe/Rome"))
    >>> [(str(at), offset.seconds // 3600) for at, offset in found]
    [('2026-02-28 00:00:00+00:00', 1), ('2026-03-29 01:00:00+00:00', 2)]
    """
    at = datetime.combine(first, time(), UTC) - _DAY
    end = datetime.combine(last, time(), UTC) + 2 * _DAY
    result = [(at, _offset(at, zone))]
    while at < end:
        following = at + _DAY
        if _offset(following, zone) != result[-1][1]:
            before, after = at, following
            while after - before > timedelta(seconds=1):
                middle = before + (after - before) // 2
                middle = middle.replace(microsecond=0)
                if _offset(middle, zone) == result[-1][1]:
                    before = middle
                else:
                    after = middle
            result.append((after, _offset(after, zone)))
        at = following
    return result


def day_of(
    connection: Connection, column: ColumnElement[Any], first: date, last: date, zone: tzinfo
) -> ColumnElement[str]:
    """Return the day of a stored time in a zone, as an expression; right for times from the first to the last day."""
    spans = offsets(first, last, zone)
    result: ColumnElement[str] = _shifted(connection, column, spans[0][1])
    if len(spans) > 1:
        ends = [
            (column < stamp(end), _shifted(connection, column, offset)) for (_, offset), (end, _) in pairwise(spans)
        ]
        result = case(*ends, else_=_shifted(connection, column, spans[-1][1]))
    return result


def monday_of(connection: Connection, day: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the Monday of the week of a day, as an expression."""
    if connection.dialect.name == "sqlite":
        return func.date(day, "-6 days", "weekday 1", type_=String)
    return func.to_char(func.date_trunc("week", func.to_date(day, "YYYY-MM-DD")), "YYYY-MM-DD", type_=String)


def _shifted(connection: Connection, column: ColumnElement[Any], offset: timedelta) -> ColumnElement[str]:
    seconds = round(offset.total_seconds())
    written = func.substr(column, 1, 19)
    if connection.dialect.name == "sqlite":
        return func.date(written, text(f"'{seconds:+d} seconds'"), type_=String)
    moment = func.to_timestamp(written, text("'YYYY-MM-DD\"T\"HH24:MI:SS'"))
    shifted = moment + text(f"interval '{seconds} seconds'")
    return type_coerce(func.to_char(shifted, text("'YYYY-MM-DD'")), Text)


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
