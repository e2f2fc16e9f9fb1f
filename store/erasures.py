"""Receipts of erased persons, by whose keyed digests their leads are recognised later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from store.any_of import any_of
from store.row_ids import new_row_id
from store.schema import erasures
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.encryption import IdentifierCipher

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
    lead_of = {digest(lead): lead for lead in leads}
    keyed = select(_erasures.digest).where(_erasures.kind == LEAD, any_of(_erasures.digest, lead_of))
    clear = select(_erasures.digest).where(_erasures.kind == CLEAR, any_of(_erasures.digest, leads))
    found = connection.execute(keyed).scalars()
    return {*map(lead_of.__getitem__, found), *connection.execute(clear).scalars()}


def erased_persons(connection: Connection, digests: Sequence[str]) -> dict[str, datetime]:
    """Return digest of an address or phone number -> time of its last erasure, for those that were erased."""
    query = (
        select(_erasures.digest, func.max(_erasures.erased_at))
        .where(_erasures.kind.in_([EMAIL, PHONE]), any_of(_erasures.digest, digests))
        .group_by(_erasures.digest)
    )
    return {name: datetime.fromisoformat(at) for name, at in connection.execute(query)}


def erased_among(
    connection: Connection, cipher: IdentifierCipher, leads: Sequence[tuple[str, object, datetime]]
) -> set[str]:
    """Return those leads that were erased, or were submitted before their person was.

    Parameters
    ----------
    connection
        Connection to the store.
    cipher
        Cipher of the installation.
    leads
        Id, e-mail address or None, and time of submit of each.
    """
    result = erased_leads(connection, [lead for lead, _, _ in leads], cipher.lead_digest)
    digests = {lead: cipher.pseudonym(email) for lead, email, _ in leads if isinstance(email, str) and email}
    erased_at = erased_persons(connection, list(digests.values()))
    for lead, _, submitted_at in leads:
        at = erased_at.get(digests.get(lead, ""))
        if at is not None and submitted_at <= at:
            result.add(lead)
    return result


def key_earlier(connection: Connection, digest: Callable[[str], str]) -> int:
    """Replace lead ids that an earlier version stored by their keyed digest; return how many there were."""
    rows = connection.execute(select(_erasures.entry_id, _erasures.digest).where(_erasures.kind == CLEAR)).all()
    for entry_id, lead in rows:
        connection.execute(
            update(erasures).where(_erasures.entry_id == entry_id).values(kind=LEAD, digest=digest(lead))
        )
    return len(rows)
