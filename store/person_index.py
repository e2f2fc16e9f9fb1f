"""Index of persons: keyed digests of the e-mail address and phone number of every scored lead.

It is what erasure finds a person by. The address and the number cannot be read from it, and without the key of the
installation not be guessed either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, delete, or_, select

from store.any_of import any_of
from store.insert_ignore import insert_ignore
from store.report_schema import lead_facts, touches
from store.schema import consents, decisions, export_events, export_people, feedback, person_index

if TYPE_CHECKING:
    from sqlalchemy import Connection

_index = person_index.c
OF_LEADS = (decisions, feedback, consents, export_people, export_events, person_index, lead_facts, touches)
"""Tables with rows of single leads."""


@dataclass(frozen=True)
class IndexEntry:
    """What the index has of a lead: digests, and person and time of its velocity event."""

    lead_id: str
    email: str | None
    phone: str | None
    velocity_person: int
    velocity_at: int


def leads_of_person(
    connection: Connection, *, lead: str | None = None, emails: Collection[str] = (), phones: Collection[str] = ()
) -> list[str]:
    """Return the ids of all leads of a person, sorted.

    Parameters
    ----------
    connection
        Connection to the store.
    lead
        Id of one of them: also leads with the same address are the person's, and, without any address, leads without
        an address that have the same phone number.
    emails, phones
        Digests of the person's addresses and numbers. A number finds the leads that have it, and those with the same
        addresses as these.
    """
    result = {lead} if lead is not None and is_stored(connection, lead) else set()
    result |= _leads_where(connection, _index.phone.in_(phones)) if phones else set()
    own = entries_of(connection, sorted(result))
    addresses = {*emails, *(entry.email for entry in own if entry.email), *_pseudonyms(connection, sorted(result))}
    numbers = {entry.phone for entry in own if entry.phone}
    if numbers and not addresses:
        result |= _leads_where(connection, _index.phone.in_(numbers) & _index.email.is_(None))
    if addresses:
        result |= _leads_where(connection, _index.email.in_(addresses))
        query = select(export_people.c.lead_id).where(export_people.c.pseudonym.in_(addresses))
        result |= set(connection.execute(query).scalars())
    return sorted(result)


def _leads_where(connection: Connection, condition: ColumnElement[bool]) -> set[str]:
    return set(connection.execute(select(_index.lead_id).where(condition)).scalars())


def entries_of(connection: Connection, leads: Sequence[str]) -> list[IndexEntry]:
    """Return the entries of leads."""
    columns = [_index[name] for name in IndexEntry.__dataclass_fields__]
    return [IndexEntry(*row) for row in connection.execute(select(*columns).where(any_of(_index.lead_id, leads)))]


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add entries; those that are there stay. Return how many rows were passed to the database."""
    if rows:
        connection.execute(insert_ignore(connection, person_index), list(rows))
    return len(rows)


def is_stored(connection: Connection, lead: str) -> bool:
    """Return whether any table has a row of a lead."""
    columns = [table.c.lead_id for table in OF_LEADS]
    return any(connection.execute(select(column).where(column == lead).limit(1)).first() for column in columns)


def delete_unused(connection: Connection, before: int) -> int:
    """Delete entries of leads that no other table names; return how many.

    Parameters
    ----------
    connection
        In a transaction.
    before
        Only entries whose velocity event is before this time, in microseconds since 1970.
    """
    named: list[Any] = [
        select(1).where(table.c.lead_id == _index.lead_id).exists() for table in OF_LEADS if table is not person_index
    ]
    statement = delete(person_index).where(_index.velocity_at < before, ~or_(*named))
    return int(connection.execute(statement).rowcount)


def _pseudonyms(connection: Connection, leads: Sequence[str]) -> set[str]:
    people = export_people.c
    query = select(people.pseudonym).where(any_of(people.lead_id, leads), people.pseudonym.is_not(None))
    return set(connection.execute(query).scalars())
