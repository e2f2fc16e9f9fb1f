"""Times from submit to the first contact by sales, counted in bins of which ten double the time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from store.any_of import any_of
from store.report_schema import lead_facts, response_bins

if TYPE_CHECKING:
    from sqlalchemy import Connection

Bin = tuple[str, str, str, int]
"""Monday of the week of submit, channel, `clock` or `business`, number of the bin."""


def contacts(
    connection: Connection, first_day: str, last_day: str
) -> list[tuple[str, str, str, str | None, str | None]]:
    """Return day, channel, time of submit, of the first contact and of the end of leads submitted between two days."""
    facts = lead_facts.c
    ended = func.coalesce(facts.won_at, facts.lost_at, facts.gone_at)
    query = select(facts.day, facts.channel, facts.submitted_at, facts.touched_at, ended)
    rows = connection.execute(query.where(facts.day.between(first_day, last_day)))
    return [(day, channel, at, touched, end) for day, channel, at, touched, end in rows]


def replace_weeks(connection: Connection, weeks: Collection[str], counts: Mapping[Bin, tuple[int, int]]) -> int:
    """Replace the counts of some weeks; return how many rows were written.

    Parameters
    ----------
    connection
        In a transaction.
    weeks
        Mondays.
    counts
        Bin -> leads with a contact, leads without.
    """
    connection.execute(delete(response_bins).where(any_of(response_bins.c.week, weeks)))
    rows = [
        {"week": week, "channel": channel, "hours": hours, "bin": number, "touched": touched, "untouched": untouched}
        for (week, channel, hours, number), (touched, untouched) in counts.items()
    ]
    if rows:
        connection.execute(response_bins.insert(), rows)
    return len(rows)
