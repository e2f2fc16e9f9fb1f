"""Facts about leads: one row per lead, of which all sums of the report are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, func, select, union, update

from store.any_of import any_of
from store.report_schema import lead_facts, touches
from store.schema import person_index
from store.timestamps import stamp
from store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection

Fact = dict[str, Any]
NAMES = tuple(column.name for column in lead_facts.columns)
_AT_ONCE = 5_000


class JunkFact(NamedTuple):
    """What the junk alarms need of a lead."""

    lead_id: str
    submitted_at: str
    channel: str
    campaign_name: str
    junk_ppm: int
    submit_value_micros: int | None
    win_ppm: int | None
    expected_revenue_micros: int | None


def of_leads(connection: Connection, leads: Sequence[str]) -> dict[str, Fact]:
    """Return the facts of leads by id; leads without facts are left out."""
    query = select(lead_facts).where(any_of(lead_facts.c.lead_id, leads))
    return {row["lead_id"]: dict(row) for row in connection.execute(query).mappings()}


def write(connection: Connection, facts: Sequence[Fact]) -> None:
    """Insert facts, or replace those of the same leads."""
    for begin in range(0, len(facts), _AT_ONCE):
        connection.execute(upsert(connection, lead_facts), list(facts[begin : begin + _AT_ONCE]))


def days(connection: Connection) -> list[str]:
    """Return the days on which leads were submitted, in order."""
    return list(connection.execute(select(lead_facts.c.day).distinct().order_by(lead_facts.c.day)).scalars())


def days_of_leads(connection: Connection, leads: Sequence[str]) -> set[str]:
    """Return the days on which leads with facts were submitted."""
    query = select(lead_facts.c.day).where(any_of(lead_facts.c.lead_id, leads)).distinct()
    return set(connection.execute(query).scalars())


def scored(connection: Connection) -> set[str]:
    """Return the leads with a score by a model."""
    by_model = lead_facts.c.submit_win_ppm.is_not(None) | lead_facts.c.win_ppm.is_not(None)
    query = select(lead_facts.c.lead_id).where(by_model)
    return set(connection.execute(query).scalars())


def count(connection: Connection) -> int:
    """Return the number of leads."""
    return int(connection.execute(select(func.count()).select_from(lead_facts)).scalar_one())


def junk_in_order(connection: Connection, since: datetime, until: datetime) -> Iterator[JunkFact]:
    """Yield the leads with a junk probability that were submitted between two moments, in order of submit."""
    query = (
        select(*(lead_facts.c[name] for name in JunkFact._fields))
        .where(
            lead_facts.c.junk_ppm.is_not(None),
            lead_facts.c.submitted_at >= stamp(since),
            lead_facts.c.submitted_at <= stamp(until),
        )
        .order_by(lead_facts.c.submitted_at, lead_facts.c.lead_id)
    )
    for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield JunkFact(*row)


def end_values(connection: Connection, until: str) -> set[str]:
    """Delete the predicted values of leads submitted until a moment, as text; return their days."""
    past = lead_facts.c.value_micros.is_not(None), lead_facts.c.submitted_at <= until
    days_of_them = set(connection.execute(select(lead_facts.c.day).where(*past).distinct()).scalars())
    if days_of_them:
        connection.execute(update(lead_facts).where(*past).values(value_micros=None))
    return days_of_them


def present_between(connection: Connection, first: datetime, last: datetime) -> set[str]:
    """Return the leads submitted between two moments, without those that their source no longer has."""
    table = lead_facts.c
    query = select(table.lead_id).where(table.submitted_at.between(stamp(first), stamp(last)), table.gone_at.is_(None))
    return set(connection.execute(query).scalars())


def won_elsewhere(connection: Connection) -> list[str]:
    """Return the gone leads whose deal another lead has: one of their company or person, won at the same moment."""
    gone, other = lead_facts.alias("gone"), lead_facts.alias("other")
    own, theirs = person_index.alias("own"), person_index.alias("theirs")
    same_deal = (other.c.won_at == gone.c.won_at) & gone.c.gone_at.is_not(None) & other.c.gone_at.is_(None)
    of_company = select(gone.c.lead_id).join(other, same_deal & (other.c.account_key == gone.c.account_key))
    of_people = [
        select(gone.c.lead_id)
        .join(own, own.c.lead_id == gone.c.lead_id)
        .join(theirs, theirs.c[name] == own.c[name])
        .join(other, (other.c.lead_id == theirs.c.lead_id) & same_deal)
        for name in ("email", "phone")
    ]
    found = union(of_company.where(gone.c.account_key != ""), *of_people)
    return sorted(connection.execute(found).scalars())


def delete_leads(connection: Connection, leads: Sequence[str]) -> None:
    """Delete the facts of leads; their touches stay."""
    connection.execute(delete(lead_facts).where(any_of(lead_facts.c.lead_id, leads)))


def newest_day(connection: Connection) -> str | None:
    """Return the last day on which a lead was submitted; None without leads."""
    newest: str | None = connection.execute(select(func.max(lead_facts.c.day))).scalar()
    return newest


def delete_submitted_before(connection: Connection, before: datetime) -> dict[str, int]:
    """Delete the facts of leads submitted before a time, and their touches; return the rows of each table.

    The sums of their days stay.
    """
    old = select(lead_facts.c.lead_id).where(lead_facts.c.submitted_at < stamp(before))
    alone = ~select(1).where(lead_facts.c.lead_id == touches.c.lead_id).exists()
    of_touches = delete(touches).where(touches.c.lead_id.in_(old) | (alone & (touches.c.at < stamp(before))))
    touched = connection.execute(of_touches).rowcount
    facts = connection.execute(delete(lead_facts).where(lead_facts.c.submitted_at < stamp(before))).rowcount
    return {lead_facts.name: int(facts), touches.name: int(touched)}
