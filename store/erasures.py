"""Receipts of erased persons, by whose keyed digests their leads are recognised later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from store.chunks import chunks
from store.row_ids import new_row_id
from store.schema import erasures
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

LEAD, EMAIL, PHONE = "lead", "email", "phone"
CLEAR = "clear"
"""Kind of a lead id that an earlier version stored as it is; see `key_earlier`."""

_erasures = erasures.c


def add(
    connection: Connection, erasure_id: str, digests: Iterable[tuple[str, str]], receipt: str, now: datetime
) -> None:
    """Record an erasure.

    Parameters
    ----------
    connection
        In a transaction.
    erasure_id
        Id of the receipt.
    digests
        Kind and keyed digest of the person's leads, addresses and phone numbers.
    receipt
        JSON without identifiers.
    now
        Timezone-aware current time.
    """
    rows = [
        {
            "entry_id": new_row_id(),
            "erasure_id": erasure_id,
            "kind": kind,
            "digest": digest,
            "erased_at": stamp(now),
            "receipt": receipt,
        }
        for kind, digest in digests
    ]
    if rows:
        connection.execute(insert(erasures), rows)


def erased_leads(connection: Connection, leads: Sequence[str], digest: Callable[[str], str]) -> set[str]:
    """Return those of the leads that were erased; `digest` returns the keyed digest of a lead id."""
    result: set[str] = set()
    for part in chunks(leads):
        lead_of = {digest(lead): lead for lead in part}
        keyed = select(_erasures.digest).where(_erasures.kind == LEAD, _erasures.digest.in_(list(lead_of)))
        result.update(lead_of[found] for found in connection.execute(keyed).scalars())
        clear = select(_erasures.digest).where(_erasures.kind == CLEAR, _erasures.digest.in_(part))
        result.update(connection.execute(clear).scalars())
    return result


def erased_persons(connection: Connection, digests: Sequence[str]) -> dict[str, datetime]:
    """Return digest of an address or phone number -> time of its last erasure, for those that were erased."""
    result: dict[str, datetime] = {}
    for part in chunks(digests):
        query = (
            select(_erasures.digest, func.max(_erasures.erased_at))
            .where(_erasures.kind.in_([EMAIL, PHONE]), _erasures.digest.in_(part))
            .group_by(_erasures.digest)
        )
        result.update({name: datetime.fromisoformat(at) for name, at in connection.execute(query)})
    return result


def key_earlier(connection: Connection, digest: Callable[[str], str]) -> int:
    """Replace lead ids that an earlier version stored by their keyed digest; return how many there were."""
    rows = connection.execute(select(_erasures.entry_id, _erasures.digest).where(_erasures.kind == CLEAR)).all()
    for entry_id, lead in rows:
        connection.execute(
            update(erasures).where(_erasures.entry_id == entry_id).values(kind=LEAD, digest=digest(lead))
        )
    return len(rows)
