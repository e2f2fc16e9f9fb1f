"""Minutes from stage to stage of MQLs, counted in bins of which ten double the time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, cast, delete, func, literal, select

from store.any_of import any_of
from store.credit_schema import STAGE_COUNTS, stage_days, stage_months
from store.grouped_sums import read_added, rows_of_days, rows_of_periods
from store.insert_selected import insert_selected
from store.report_schema import lead_facts
from store.report_scope import ReportScope, split_months, within

if TYPE_CHECKING:
    from sqlalchemy import Connection

Bin = tuple[str, str, str, int]
"""Day of submit, channel, stage, number of the bin."""
Counts = Mapping[Bin, Sequence[int]]
"""Bin -> leads that reached the stage, were lost before (by the time to the loss, by the age), and are open."""
Moments = tuple[str, str, str | None, str | None, str | None, str | None, str | None]
"""Day and channel of an MQL, and its moments of MQL, SQL, quote, won, and lost or gone."""
_FACT = lead_facts.c
_BY = ("stage", "bin")


def stage_moments(connection: Connection, scope: ReportScope, first: date, last: date) -> Sequence[Moments]:
    """Return the moments of the MQLs that were submitted in a range of days."""
    ended = func.coalesce(_FACT.lost_at, _FACT.gone_at)
    columns = (_FACT.day, _FACT.channel, _FACT.mql_at, _FACT.sql_at, _FACT.quote_at, _FACT.won_at, ended)
    query = select(*columns).where(
        _FACT.mql_at.is_not(None), within(_FACT.day, first, last), *scope.conditions(lead_facts)
    )
    rows: Any = connection.execute(query).all()
    return rows  # type: ignore[no-any-return]


def replace_stages(connection: Connection, days: Collection[str], counts: Counts) -> int:
    """Replace the counts of some days, and write those of their months again; return how many rows.

    Parameters
    ----------
    connection
        In a transaction.
    days
        ISO 8601 dates.
    counts
        Of these days.
    """
    table = stage_days.c
    connection.execute(delete(stage_days).where(any_of(table.day, days)))
    keys = ("day", "channel", "stage", "bin")
    rows = [
        dict(zip(keys, key, strict=True)) | dict(zip(STAGE_COUNTS, of_bin, strict=True))
        for key, of_bin in counts.items()
    ]
    if rows:
        connection.execute(stage_days.insert(), rows)
    written = len(rows)
    for month in sorted({day[:7] for day in days}):
        connection.execute(delete(stage_months).where(stage_months.c.month == month))
        groups = (table.channel, table.stage, table.bin)
        sums = [cast(func.sum(table[name]), BigInteger) for name in STAGE_COUNTS]
        query = select(literal(month), *groups, *sums).where(table.day.between(f"{month}-01", f"{month}-31"))
        names = ["month", "channel", "stage", "bin", *STAGE_COUNTS]
        written += insert_selected(connection, stage_months, names, query.group_by(*groups))
    return written


def stage_counts(
    connection: Connection, scope: ReportScope, first: date, last: date
) -> dict[str, dict[int, tuple[int, ...]]]:
    """Return stage -> bin -> counts, as in `Counts`; the bins have a channel, no campaign and no country."""
    ranges, whole = split_months(first, last)
    parts = [rows_of_days(stage_days, scope, *days, STAGE_COUNTS, _BY) for days in ranges]
    if whole is not None:
        parts.append(rows_of_periods(stage_months, scope, "month", whole, STAGE_COUNTS, _BY))
    found: dict[str, dict[int, tuple[int, ...]]] = {}
    for (stage, number), sums in read_added(connection, parts, _BY, STAGE_COUNTS).items():
        found.setdefault(stage, {})[int(number)] = tuple(sums[name] for name in STAGE_COUNTS)
    return found
