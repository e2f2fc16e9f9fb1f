"""Revenue of the channels that won leads have touched, by attribution model: rows of days and months, and their sums.

A lead counts on the day of its submit and, for the calendar view, on the day of its win. Rows of days have the
campaign and the country of the lead; those of months have its channel only, so that a page reads few rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, cast, delete, func, literal, select

from store.any_of import any_of
from store.credit_schema import CREDITS, credit_days, credit_months
from store.grouped_sums import read_added, rows_of_days, rows_of_periods
from store.insert_selected import insert_selected
from store.report_scope import ReportScope, split_months

if TYPE_CHECKING:
    from sqlalchemy import Connection

SUBMIT, WIN = "submit", "win"
"""Days that a row can be of."""
Cell = tuple[str, str, str, str, str]
"""Day, channel, campaign and country of the lead, and the channel that it touched."""
_KEYS = ("day", "channel", "campaign_key", "country", "touched")


def replace_credits(
    connection: Connection, basis: str, days: Collection[str], credits: Mapping[Cell, Sequence[int]]
) -> int:
    """Replace the rows of some days, and write those of their months again; return how many rows.

    Parameters
    ----------
    connection
        In a transaction.
    basis
        `SUBMIT` or `WIN`.
    days
        ISO 8601 dates; days without a cell get no row.
    credits
        Cell -> revenue in millionths by model, in the order of `CREDITS`.
    """
    table, months = credit_days.c, credit_months.c
    connection.execute(delete(credit_days).where(table.basis == basis, any_of(table.day, days)))
    rows = [
        {"basis": basis, **dict(zip(_KEYS, cell, strict=True)), **dict(zip(CREDITS, amounts, strict=True))}
        for cell, amounts in credits.items()
    ]
    if rows:
        connection.execute(credit_days.insert(), rows)
    written = len(rows)
    for month in sorted({day[:7] for day in days}):
        connection.execute(delete(credit_months).where(months.basis == basis, months.month == month))
        sums = [cast(func.sum(table[name]), BigInteger) for name in CREDITS]
        inside = (table.basis == basis) & table.day.between(f"{month}-01", f"{month}-31")
        query = select(literal(basis), literal(month), table.channel, table.touched, *sums).where(inside)
        names = ["basis", "month", "channel", "touched", *CREDITS]
        written += insert_selected(connection, credit_months, names, query.group_by(table.channel, table.touched))
    return written


def touched_channels(
    connection: Connection, scope: ReportScope, basis: str, first: date, last: date, models: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Return the revenue of each touched channel by model, in millionths.

    Parameters
    ----------
    connection
        Connection to the store.
    scope
        Filters of the leads.
    basis
        `SUBMIT` or `WIN`.
    first, last
        Days, both included.
    models
        Names of models, as in `CREDITS` without their ending.
    """
    names, by, also = tuple(f"{model}_micros" for model in models), ("touched",), (("basis", basis),)
    has_months = not scope.campaigns and not scope.countries
    ranges, whole = split_months(first, last) if has_months else ([(first, last)], None)
    parts = [rows_of_days(credit_days, scope, *days, names, by, also) for days in ranges]
    if whole is not None:
        parts.append(rows_of_periods(credit_months, scope, "month", whole, names, by, also))
    rows = read_added(connection, parts, by, names)
    return {key[0]: {model: sums[f"{model}_micros"] for model in models} for key, sums in rows.items()}
