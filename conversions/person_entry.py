"""Entries of the index of persons, by which erasure finds the leads of an e-mail address or a phone number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conversions.identifier_normalisation import Normaliser
from features.countries import region_of

if TYPE_CHECKING:
    from leadworth.encryption import IdentifierCipher
    from store.outbox import Row
    from store.velocity_events import VelocityEvent

_NORMALISER = Normaliser()
_NO_DIGIT = re.compile(r"\D+")


def person_entry(cipher: IdentifierCipher, lead: Mapping[str, Any], event: VelocityEvent) -> Row:
    """Return the index entry of a lead, given as its fields, and of its velocity event; equal ones have one id."""
    email, phone = lead.get("email"), lead.get("phone")
    region = region_of(lead.get("country")) or region_of(lead.get("ip_country"))
    number = next(iter(written_phones(phone, region)), None) if phone else None
    row = {
        "lead_id": lead["lead_id"],
        "email": cipher.pseudonym(email) if email else None,
        "phone": None if number is None else cipher.phone_digest(number),
        "velocity_person": event.person,
        "velocity_at": event.at,
    }
    return {"entry_id": cipher.entry_id(row), **row}


def written_phones(number: str, region: str | None = None) -> list[str]:
    """Return the forms in which the index may have a phone number: international, then its digits alone.

    Parameters
    ----------
    number
        As written.
    region
        Country of the person, two letters; its rules apply to national numbers.

    Examples
    --------
    >>> written_phones("030 123456", "DE"), written_phones("030 123456"), written_phones("none")
    (['+4930123456', '030123456'], ['030123456'], [])
    """
    digits = _NO_DIGIT.sub("", number)
    return [form for form in (_NORMALISER.phone(number, region), digits) if form]
