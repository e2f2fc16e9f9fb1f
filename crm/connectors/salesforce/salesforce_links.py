"""Associations of Salesforce records: lookup fields, and the objects that join two others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crm.connectors.salesforce.salesforce_reader import SalesforceReader
from crm.connectors.salesforce.soql import full_id
from leadworth.crm_records import CONVERTED_LINK, CrmRecord, CrmValue, RecordLink

LOOKUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Lead": {
        "ConvertedOpportunityId": ("Opportunity", CONVERTED_LINK),
        "ConvertedContactId": ("Contact", CONVERTED_LINK),
        "ConvertedAccountId": ("Account", "primary"),
    },
    "Opportunity": {"AccountId": ("Account", "primary"), "CampaignId": ("Campaign", "primary")},
    "Contact": {"AccountId": ("Account", "primary")},
    "Account": {"ParentId": ("Account", "parent")},
    "Campaign": {"ParentId": ("Campaign", "parent")},
    "Task": {"WhoId": ("", "who"), "WhatId": ("", "what")},
    "Event": {"WhoId": ("", "who"), "WhatId": ("", "what")},
}
"""Object -> lookup field -> object and label of the link; an empty object: the id's prefix says which."""
PREFIXES = {"00Q": "Lead", "003": "Contact", "001": "Account", "006": "Opportunity", "701": "Campaign", "005": "User"}
"""Key prefix of an id -> object, of the standard objects."""
JOINING: Mapping[str, Sequence[tuple[str, str, str, str]]] = {
    "Lead": [("CampaignMember", "LeadId", "Campaign", "CampaignId")],
    "Contact": [
        ("CampaignMember", "ContactId", "Campaign", "CampaignId"),
        ("OpportunityContactRole", "ContactId", "Opportunity", "OpportunityId"),
    ],
    "Opportunity": [("OpportunityContactRole", "OpportunityId", "Contact", "ContactId")],
}
"""Object -> joining object, its field with the id, the object at its other end, the field with that id."""

ReadJoining = Callable[[str, str, Sequence[str], Sequence[str]], Iterable[Mapping[str, Any]]]


def lookup_links(object_name: str, values: Mapping[str, CrmValue]) -> set[RecordLink]:
    """Return the links that the lookup fields of a record hold.

    Examples
    --------
    >>> lookup_links("Task", {"WhoId": "00Q000000000001AAA", "WhatId": None})
    {RecordLink(to_object='Lead', to_id='00Q000000000001AAA', label='who')}
    """
    links = set()
    for name, (other, label) in LOOKUPS.get(object_name, {}).items():
        key = full_id(str(values.get(name) or ""))
        if key and (to_object := other or PREFIXES.get(key[:3], "")):
            links.add(RecordLink(to_object, key, label))
    return links


def joined_links(object_name: str, ids: Sequence[str], read: ReadJoining) -> dict[str, set[RecordLink]]:
    """Return the links of records through the joining objects, by id.

    Parameters
    ----------
    read
        Returns the rows of a joining object whose field has one of some ids, with further columns.
    """
    links: dict[str, set[RecordLink]] = defaultdict(set)
    for joining, field, other, other_field in JOINING.get(object_name, ()):
        more = ["Role", "IsPrimary"] if joining == "OpportunityContactRole" else []
        for row in read(joining, field, ids, [field, other_field, *more]):
            if row.get(field) and row.get(other_field):
                label = "primary" if row.get("IsPrimary") else str(row.get("Role") or "")
                links[row[field]].add(RecordLink(other, row[other_field], label))
    return links


def all_links(
    reader: SalesforceReader, object_name: str, ids: Sequence[str], recent: Mapping[str, CrmRecord], read: ReadJoining
) -> dict[str, tuple[RecordLink, ...]]:
    """Return all links of records, by the id that was given; a record without any has an empty entry.

    Parameters
    ----------
    recent
        Records that were just read, by id: their lookup fields are not read again.
    read
        See `joined_links`.
    """
    lookups = LOOKUPS.get(object_name, {})
    known = {key: record for key, record in recent.items() if record.object == object_name}
    known = {key: record for key, record in known.items() if lookups.keys() <= record.values.keys()}
    unread = [key for key in ids if full_id(key) not in known] if lookups else []
    records = [*known.values(), *(reader.by_ids(object_name, unread, list(lookups)) if unread else ())]
    held = {record.record_id: lookup_links(object_name, record.values) for record in records}
    joined = joined_links(object_name, [full_id(key) for key in ids], read)
    return {key: sorted_links(held.get(full_id(key), set()) | joined.get(full_id(key), set())) for key in ids}


def sorted_links(links: Iterable[RecordLink]) -> tuple[RecordLink, ...]:
    """Return links in an order that does not depend on how they were read."""
    return tuple(sorted(links, key=lambda link: (link.to_object, link.to_id, link.label)))
