"""Receipts of erased persons, by which their leads are recognised later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from store.chunks import chunks
from store.row_ids import new_row_id
from store.schema import erasures
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection


def add(
    connection: Connection, erasure_id: str, pseudonyms: Mapping[str, str | None], receipt: str, now: datetime
) -> None:
    """Record an erasure.

    Parameters
    ----------
    connection
        In a transaction.
    erasure_id
        Id of the row of the first lead.
    pseudonyms
        Id of an erased lead -> pseudonym of the person, if known.
    receipt
        JSON without identifiers.
    now
        Timezone-aware current time.
    """
    rows = [
        {
            "erasure_id": erasure_id if index == 0 else new_row_id(),
            "lead_id": lead,
            "pseudonym": pseudonym,
            "erased_at": stamp(now),
            "receipt": receipt,
        }
        for index, (lead, pseudonym) in enumerate(pseudonyms.items())
    ]
    connection.execute(insert(erasures), rows)


def erased_leads(connection: Connection, leads: Sequence[str]) -> set[str]:
    """Return those of the leads that were erased."""
    result: set[str] = set()
    for part in chunks(leads):
        result.update(connection.execute(select(erasures.c.lead_id).where(erasures.c.lead_id.in_(part))).scalars())
    return result


def erased_persons(connection: Connection, pseudonyms: Sequence[str]) -> dict[str, datetime]:
    """Return pseudonym -> time of the last erasure, for those that were erased."""
    result: dict[str, datetime] = {}
    for part in chunks(pseudonyms):
        query = (
            select(erasures.c.pseudonym, func.max(erasures.c.erased_at))
            .where(erasures.c.pseudonym.in_(part))
            .group_by(erasures.c.pseudonym)
        )
        result.update({name: datetime.fromisoformat(at) for name, at in connection.execute(query)})
    return result
