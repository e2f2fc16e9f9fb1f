"""What all tables of the mirror of a CRM share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from leadworth.crm_records import RecordState
from store.any_of import any_of
from store.mirror_schema import crm_records

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from leadworth.encryption import IdentifierCipher

PRESENT = (RecordState.LIVE, RecordState.ARCHIVED)
"""States of records that the CRM still has."""
_records = crm_records.c


@dataclass(frozen=True)
class MirrorScope:
    """The mirror of one CRM, within a transaction.

    Attributes
    ----------
    connection
        Connection to the store.
    crm
        Name of the connector.
    cipher
        Cipher with the installation's key for "crm".
    """

    connection: Connection
    crm: str
    cipher: IdentifierCipher

    def stored_ids(self, object_name: str, ids: Sequence[str]) -> set[str]:
        """Return those of the ids that are stored, in any state."""
        return self._ids_where(object_name, ids)

    def present_ids(self, object_name: str, ids: Sequence[str]) -> set[str]:
        """Return those of the ids that the CRM still has and whose person did not ask for erasure."""
        return self._ids_where(object_name, ids, _records.state.in_(PRESENT), _records.erased_at.is_(None))

    def erased_ids(self, object_name: str, ids: Sequence[str]) -> set[str]:
        """Return those of the ids whose person asked for erasure."""
        return self._ids_where(object_name, ids, _records.erased_at.is_not(None))

    def _ids_where(self, object_name: str, ids: Sequence[str], *conditions: ColumnElement[bool]) -> set[str]:
        of_object = _records.crm == self.crm, _records.object == object_name
        query = select(_records.record_id).where(*of_object, any_of(_records.record_id, ids), *conditions)
        return set(self.connection.execute(query).scalars())
