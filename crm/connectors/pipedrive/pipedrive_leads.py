"""Leads of Pipedrive with their person and organization, and leads of which only the deal is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from crm.connectors.pipedrive.pipedrive_fields import ORGANIZATIONS, PERSONS
from crm.connectors.pipedrive.pipedrive_reader import Item, PipedriveReader
from crm.connectors.pipedrive.pipedrive_values import id_text, read_moment

PERSON_PARTS = ("name", "first_name", "last_name", "email", "phone", "job_title", "marketing_status")
ORGANIZATION_PARTS = ("name", "website")
JOINED = frozenset(
    (*(f"person_{name}" for name in PERSON_PARTS), *(f"organization_{name}" for name in ORGANIZATION_PARTS))
)
"""Fields of a lead that its person and its organization hold."""
KEPT = ("title", "owner_id", "person_id", "origin", "origin_id", "channel", "channel_id")
"""Fields of a deal that it had as a lead."""
_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
_FIRST = datetime(2010, 1, 1, tzinfo=UTC)
"""Year in which Pipedrive began: no lead is older."""
_DOUBT = timedelta(days=1)
"""Difference of clocks between the id of a lead and the times of deals."""


class LeadAssembly:
    """Completes leads.

    Parameters
    ----------
    reader
        Reads records.
    """

    def __init__(self, reader: PipedriveReader) -> None:
        self._reader = reader
        self._labels: dict[str, str] = {}
        self._deals: dict[str, str] = {}

    def labelled(self, items: Sequence[Item]) -> list[Item]:
        """Return leads with the names of their labels."""
        if not self._labels.keys() >= {str(key) for item in items for key in item.get("label_ids") or ()}:
            self._labels = self._reader.lead_labels()
        return [
            {**item, "labels": [self._labels.get(str(key), str(key)) for key in item.get("label_ids") or ()]}
            for item in items
        ]

    def completed(self, items: Sequence[Item]) -> list[Item]:
        """Return leads with `JOINED`: e-mail address, phone and names of their person and organization.

        Only the first e-mail address and phone are joined, those that Pipedrive marks as primary. A person that
        changes later does not change the lead: what was read with it stays.
        """
        persons = self._reader.by_ids(PERSONS, [id_text(item.get("person_id")) for item in items])
        companies = self._reader.by_ids(ORGANIZATIONS, [id_text(item.get("organization_id")) for item in items])
        result = []
        for item in items:
            person = persons.get(id_text(item.get("person_id")), {})
            company = companies.get(id_text(item.get("organization_id")), {})
            joined = {f"person_{name}": _first(person.get(name)) for name in PERSON_PARTS}
            joined |= {f"organization_{name}": company.get(name) for name in ORGANIZATION_PARTS}
            result.append({**item, **joined})
        return result

    def deals_of(self, leads: Iterable[str]) -> dict[str, str]:
        """Return lead id -> id of the deal that it was converted to, of those that were.

        Pipedrive cannot find a deal by its lead. No deal is older than its lead, whose id has a time: the deals that
        were created since are listed, the newest first, until all are found.
        """
        wanted = set(leads)
        if missing := wanted - self._deals.keys():
            known = [created_at(lead, None) or _FIRST for lead in missing]
            for deals in self._reader.latest_deals(min(known) - _DOUBT):
                self._deals |= {
                    str(deal["source_lead_id"]): str(deal["id"]) for deal in deals if deal.get("source_lead_id")
                }
                if missing <= self._deals.keys():
                    break
        return {lead: self._deals[lead] for lead in wanted & self._deals.keys()}


def lead_of_deal(deal: Item, custom: Iterable[str]) -> Item:
    """Return a converted lead out of its deal.

    Pipedrive deletes a lead when it is converted. Its custom fields go on in the deal, under the same keys; what sales
    decides later (value, owner, labels, dates) is left out.

    Parameters
    ----------
    custom
        Keys of the custom fields.
    """
    lead = str(deal["source_lead_id"])
    created = created_at(lead, read_moment(deal.get("add_time")))
    return {
        **{name: deal.get(name) for name in (*KEPT, *custom)},
        "id": lead,
        "organization_id": deal.get("org_id"),
        "add_time": None if created is None else created.isoformat(),
        "update_time": deal.get("update_time"),
        "deal_id": deal["id"],
        "is_archived": True,
    }


def created_at(lead: str, converted: datetime | None) -> datetime | None:
    """Return when a converted lead was created: the time in its id (RFC 9562, version 1), else that of its deal.

    Examples
    --------
    >>> deal = datetime(2026, 1, 5, tzinfo=UTC)
    >>> str(created_at("adf21080-0e10-11eb-879b-05d71fb426ec", deal)), created_at("not an id", deal) == deal
    ('2020-10-14 11:30:36.552000+00:00', True)
    """
    try:
        key = UUID(lead)
    except ValueError:
        return converted
    if key.version != 1:
        return converted
    moment = _GREGORIAN + timedelta(microseconds=key.time // 10)
    known = moment >= _FIRST and (converted is None or moment <= converted + _DOUBT)
    return moment if known else converted


def _first(value: object) -> object:
    """Return the primary of several e-mail addresses or phones, else the first."""
    if not isinstance(value, list):
        return value
    parts = [item for item in value if isinstance(item, Mapping) and item.get("value")]
    primary = [item for item in parts if item.get("primary")]
    return (primary or parts or [{}])[0].get("value")
