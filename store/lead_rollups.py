"""Rollups of facts about leads: sums by day or month of submit, and events by the day on which they happened.

A day is written again as a whole: deleted, and inserted from the facts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    case,
    cast,
    delete,
    func,
    literal,
    null,
    select,
    union_all,
)

from store.any_of import any_of
from store.insert_selected import insert_selected
from store.report_schema import lead_days, lead_facts, lead_months, outcome_days
from store.timestamps import stamp
from store.zone_days import begin_of, day_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

MILLION = 1_000_000
KEYS = ("channel", "campaign_key", "country")
SUMS = tuple(column.name for column in lead_days.columns if not column.primary_key)
"""Columns of sums of `lead_days` and `lead_months`."""
_GREATEST = 9e18
_facts = lead_facts.c


def sums_of_facts() -> dict[str, ColumnElement[Any]]:
    """Return each sum of a rollup as an expression over `lead_facts`, for any grouping and filter."""
    won, lost = _facts.won_at.is_not(None), _facts.lost_at.is_not(None)
    is_open = ~won & ~lost & _facts.gone_at.is_(None)
    quoted = is_open & _facts.quote_at.is_not(None)
    sql = is_open & _facts.sql_at.is_not(None) & _facts.quote_at.is_(None)
    junk, win = _facts.junk_ppm, _facts.win_ppm
    valued = is_open & _facts.value_micros.is_not(None)
    said = _facts.submit_win_ppm.is_not(None)
    units = (_facts.revenue_micros + MILLION // 2) // MILLION
    squares = _sum(won, cast(units, Double) * cast(units, Double), Double)
    return {
        "leads": func.count(),
        "scored": _count(junk.is_not(None)),
        "genuine_ppm": _sum(junk.is_not(None), MILLION - junk),
        "junk": _count(junk >= MILLION // 2),
        "mql": _count(_facts.mql_at.is_not(None)),
        "sql": _count(_facts.sql_at.is_not(None)),
        "quoted": _count(_facts.quote_at.is_not(None)),
        "won": _count(won),
        "lost": _count(lost),
        "revenue_micros": _sum(won, _facts.revenue_micros),
        "revenue_squares": cast(case((squares > _GREATEST, _GREATEST), else_=squares), BigInteger),
        "cost_micros": _sum(won, _facts.cost_micros),
        "open_scored": _count(valued),
        "open_win_ppm": _sum(valued, win),
        "open_win_squares_ppm": _sum(valued, cast(win, BigInteger) * (MILLION - win) // MILLION),
        "open_value_micros": _sum(valued, _facts.value_micros),
        "submit_win_ppm": _sum(said, _facts.submit_win_ppm),
        "submit_value_micros": _sum(said, _facts.submit_value_micros),
        "submit_won": _count(won & said),
        "submit_revenue_micros": _sum(won & said, _facts.revenue_micros),
        "deal_sqls": _count(sql),
        "deal_sql_micros": _sum(sql, _facts.expected_revenue_micros),
        "deal_quotes": _count(quoted),
        "deal_quote_micros": _sum(quoted, _facts.expected_revenue_micros),
    }


def rewrite_days(connection: Connection, days: Collection[str]) -> int:
    """Write the rows of `lead_days` of some days again, and those of their months; return how many rows."""
    keys = [_facts[name] for name in ("day", *KEYS)]
    sums = sums_of_facts()
    connection.execute(delete(lead_days).where(any_of(lead_days.c.day, days)))
    rows = select(*keys, *sums.values()).where(any_of(_facts.day, days)).group_by(*keys)
    written = insert_selected(connection, lead_days, ["day", *KEYS, *sums], rows)
    return written + _rewrite_months(connection, {day[:7] for day in days})


def _rewrite_months(connection: Connection, months: Collection[str]) -> int:
    columns = lead_days.c
    written = 0
    for month in sorted(months):
        connection.execute(delete(lead_months).where(lead_months.c.month == month))
        keys = [columns[name] for name in KEYS]
        sums = [func.sum(columns[name]) for name in SUMS]
        inside = columns.day.between(f"{month}-01", f"{month}-31")
        rows = select(literal(month), *keys, *sums).where(inside).group_by(*keys)
        written += insert_selected(connection, lead_months, ["month", *KEYS, *SUMS], rows)
    return written


def rewrite_outcomes(connection: Connection, days: Collection[str], zone: tzinfo) -> int:
    """Write the rows of `outcome_days` of some days again, in the days of a zone; return how many rows."""
    written = 0
    for first, last in spans(days):
        connection.execute(delete(outcome_days).where(outcome_days.c.day.between(str(first), str(last))))
        begin, end = stamp(begin_of(first, zone)), stamp(begin_of(last + timedelta(days=1), zone))
        events = []
        for name, column in _EVENTS.items():
            inside = (column >= begin) & (column < end)
            day = day_of(connection, column, first, last, zone).label("day")
            counts = [literal(int(name == other)).label(other) for other in _EVENTS]
            money = [_facts[amount] if name == "won" else cast(null(), BigInteger).label(amount) for amount in _MONEY]
            events.append(select(day, *(_facts[key] for key in KEYS), *counts, *money).where(inside))
        table = union_all(*events).subquery()
        keys = [table.c[name] for name in ("day", *KEYS)]
        sums = [func.coalesce(func.sum(table.c[name]), 0) for name in (*_EVENTS, *_MONEY)]
        rows = select(*keys, *sums).group_by(*keys)
        names = ["day", *KEYS, *_EVENTS, *_MONEY]
        written += insert_selected(connection, outcome_days, names, rows)
    return written


_EVENTS = {
    "mql": _facts.mql_at,
    "sql": _facts.sql_at,
    "quoted": _facts.quote_at,
    "won": _facts.won_at,
    "lost": _facts.lost_at,
}
_MONEY = ("revenue_micros", "cost_micros")


def spans(days: Collection[str]) -> Iterator[tuple[date, date]]:
    """Yield the first and the last day of each run of days; short gaps are filled, as a scan costs more than a day.

    Examples
    --------
    >>> [f"{first} {last}" for first, last in spans(["2026-01-01", "2026-01-05", "2026-06-01"])]
    ['2026-01-01 2026-01-05', '2026-06-01 2026-06-01']
    """
    ordered = [date.fromisoformat(day) for day in sorted(set(days))]
    begin = 0
    for position in range(1, len(ordered) + 1):
        if position == len(ordered) or ordered[position] - ordered[position - 1] > timedelta(days=45):
            yield ordered[begin], ordered[position - 1]
            begin = position


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _sum(condition: ColumnElement[bool], value: ColumnElement[Any], kind: Any = BigInteger) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((condition, cast(value, kind)), else_=0)), 0)
