"""Which fields of a CRM say something of a person, and the pseudonyms of the persons of a record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from leadworth.crm_catalog import CrmInfo
from leadworth.crm_records import CrmField, CrmRecord
from leadworth.encryption import IdentifierCipher

# Names of types in the field lists of the CRMs: numbers, times, choices and references.
_PLAIN_KINDS = frozenset(
    (
        *("number", "int", "integer", "bigint", "double", "long", "decimal", "float", "percent", "autonumber"),
        *("currency", "monetary", "money", "boolean", "bool", "bit", "checkbox"),
        *("date", "datetime", "time", "timestamp"),
        *("enumeration", "enum", "set", "picklist", "multipicklist", "multiselectpicklist", "selection"),
        *("reference", "lookup", "ownerlookup", "many2one", "many2many", "one2many", "id", "uniqueidentifier"),
        *("state", "status", "user"),
    )
)
_PLAIN_COLUMNS = frozenset(
    (
        *("source", "medium", "campaign", "term", "content", "industry", "country", "employees", "budget"),
        *("form_id", "submitted_at", "lead_id"),
    )
)
_EMAIL = re.compile(r"[^\s@;,<>]+@[^\s@;,<>]+\.[^\s@;,<>]+")
_PHONE_NAME = re.compile(r"phone|mobile|telefon|handy|whatsapp|\bfax\b", re.IGNORECASE)
_SHORTEST_PHONE = 6


def plain_fields(info: CrmInfo, object_name: str, fields: Sequence[CrmField]) -> frozenset[str]:
    """Return the fields that say nothing of a person: those known to be harmless; a free text is not."""
    item = info.objects[object_name]
    deal = info.deal
    names = {item.created, item.modified, *item.history}
    names |= {deal.stage, deal.amount, deal.currency, deal.closed_at, deal.lead}
    names |= {field for column, field in info.columns.items() if column in _PLAIN_COLUMNS}
    names |= {field.name for field in fields if field.options or field.kind.casefold() in _PLAIN_KINDS}
    return frozenset(names)


def person_digests(cipher: IdentifierCipher, info: CrmInfo, record: CrmRecord) -> list[str]:
    """Return the pseudonyms of the e-mail addresses and phone numbers of a record, each once."""
    found: dict[str, None] = {}
    region = _region(info, record)
    for name, value in record.values.items():
        if not isinstance(value, str):
            continue
        for address in _addresses(value):
            found[cipher.pseudonym(address)] = None
        if (name == info.columns.get("phone") or _PHONE_NAME.search(name)) and _digits(value) >= _SHORTEST_PHONE:
            found[cipher.phone_pseudonym(value, region)] = None
    return list(found)


def digests_of(cipher: IdentifierCipher, info: CrmInfo, records: Iterable[CrmRecord]) -> Mapping[str, Sequence[str]]:
    """Return record id -> pseudonyms of its persons, and keyed digests of their mail domains."""
    return {
        record.record_id: [*person_digests(cipher, info, record), *_domain_digests(cipher, record)]
        for record in records
    }


def domain_digest(cipher: IdentifierCipher, domain: str) -> str:
    """Return the keyed digest of a domain."""
    return cipher.digest("domain", domain.casefold(), 32)


def _domain_digests(cipher: IdentifierCipher, record: CrmRecord) -> list[str]:
    """Return the digests of the mail domains of a record and of those above; one of them is the registrable one."""
    found: dict[str, None] = {}
    for value in record.values.values():
        for address in _addresses(value) if isinstance(value, str) else ():
            labels = address.rpartition("@")[2].split(".")
            for begin in range(len(labels) - 1):
                found[domain_digest(cipher, ".".join(labels[begin:]))] = None
    return list(found)


def _addresses(value: str) -> Iterator[str]:
    """Yield the e-mail addresses of a cell that holds one, or several with semicolons; a sentence holds none."""
    parts = [part.strip() for part in value.split(";")]
    if "@" in value and all(_EMAIL.fullmatch(part) for part in parts if part):
        yield from filter(None, parts)


def _digits(value: str) -> int:
    return sum(char.isdecimal() for char in value)


def _region(info: CrmInfo, record: CrmRecord) -> str | None:
    country = record.values.get(info.columns.get("country", ""))
    return country.upper() if isinstance(country, str) and re.fullmatch("[A-Za-z]{2}", country) else None
