"""Erasure of a person from the mirror of a CRM."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from store import crm_aliases, crm_changes
from store.any_of import any_of
from store.crm_mirror import CrmMirror
from store.mirror_schema import crm_events, crm_persons, crm_records, crm_scores
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.encryption import IdentifierCipher


def erase_person(
    connection: Connection,
    cipher: IdentifierCipher,
    now: datetime,
    *,
    records: Sequence[tuple[str, str, str]] = (),
    emails: Sequence[str] = (),
    phones: Sequence[str] = (),
    region: str | None = None,
) -> dict[tuple[str, str], list[str]]:
    """Erase a person's records from the mirrors of all CRMs; return CRM and object -> ids erased.

    Values, former values, digests, scores and webhooks go. Ids, states, associations and merges stay, so that the
    next synchronisation recognises the records and stores no value of them again.

    Parameters
    ----------
    connection
        In a transaction.
    cipher
        Cipher with the installation's key for "crm".
    now
        Timezone-aware current time.
    records
        CRM, object and id of records of the person; merges are followed in both directions.
    emails, phones
        Addresses and numbers of the person; every record with one of them is erased.
    region
        Country of numbers without a country code.
    """
    digests = [cipher.pseudonym(email) for email in emails]
    digests += [cipher.phone_pseudonym(phone, region) for phone in phones]
    erased: dict[tuple[str, str], list[str]] = {}
    crms = connection.execute(select(crm_records.c.crm).distinct().order_by(crm_records.c.crm)).scalars().all()
    for crm in crms:
        mirror = CrmMirror(connection, crm, cipher)
        for object_name, found in _records_of(mirror, records, digests).items():
            _erase(mirror, object_name, found, now)
            erased[crm, object_name] = found
    return erased


def _records_of(
    mirror: CrmMirror, records: Sequence[tuple[str, str, str]], digests: Sequence[str]
) -> dict[str, list[str]]:
    """Return object -> ids of the person's records, with those that they absorbed or were absorbed by."""
    found: dict[str, set[str]] = {}
    named = [(object_name, key) for crm, object_name, key in records if crm == mirror.crm]
    for object_name, key in [*mirror.of_person(digests), *named]:
        found.setdefault(object_name, set()).add(key)
    result = {}
    for object_name, keys in found.items():
        keys |= set(crm_aliases.survivors(mirror, object_name, sorted(keys)).values())
        for former in crm_aliases.former_ids(mirror, object_name, sorted(keys)).values():
            keys |= set(former)
        result[object_name] = sorted(keys & mirror.stored_ids(object_name, sorted(keys)))
    return {object_name: keys for object_name, keys in result.items() if keys}


def _erase(mirror: CrmMirror, object_name: str, ids: Sequence[str], now: datetime) -> None:
    crm_changes.delete_of_records(mirror, object_name, ids)
    erased = {"contents": "", "digest": "", "modified_by": "", "erased_at": stamp(now)}
    for table in (crm_persons, crm_scores, crm_events, crm_records):
        statement = update(table).values(**erased) if table is crm_records else delete(table)
        of_object = table.c.crm == mirror.crm, table.c.object == object_name
        mirror.connection.execute(statement.where(*of_object, any_of(table.c.record_id, ids)))
