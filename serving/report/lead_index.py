"""Index of persons for leads that came by a file or the mirror of a CRM, so that erasure finds their facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from conversions.person_entry import person_entry
from features.velocity_keys import SECRET_PURPOSE, keys_of, micros
from leadworth.encryption import IdentifierCipher
from leadworth.key_derivation import key_for
from store import person_index
from store.velocity_events import VelocityEvent

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.settings import Settings
    from reporting.facts.crm_parts import CrmLead


def indexer(settings: Settings) -> Callable[[Connection, Sequence[CrmLead]], int]:
    """Return what adds leads with an e-mail address or a phone number to the index, and returns how many were new."""
    cipher = IdentifierCipher.from_settings(settings)
    secret = key_for(settings, SECRET_PURPOSE)

    def add(connection: Connection, leads: Sequence[CrmLead]) -> int:
        named = [lead for lead in leads if lead.fields.get("email") or lead.fields.get("phone")]
        present = {entry.lead_id for entry in person_index.entries_of(connection, [lead.lead_id for lead in named])}
        rows = []
        for lead in named:
            if lead.lead_id in present:
                continue
            fields = {**lead.fields, "lead_id": lead.lead_id}
            keys = keys_of(fields, secret)
            event = VelocityEvent(micros(lead.submitted_at), keys.person, keys.packed(), keys.domain)
            rows.append(person_entry(cipher, fields, event))
        return person_index.add(connection, rows)

    return add
