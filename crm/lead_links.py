"""Which leads a record of a CRM belongs to, and which deals a lead has, by the associations in the mirror."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from leadworth.crm_catalog import CrmInfo, ObjectRole
from leadworth.crm_records import CrmRecord
from store import crm_aliases, crm_links
from store.crm_mirror import CrmMirror


@dataclass(frozen=True)
class LeadLinks:
    """Associations of leads with other records.

    Attributes
    ----------
    mirror
        The mirror.
    info
        Data of the CRM.
    lead_object
        Object whose records are the leads.
    """

    mirror: CrmMirror
    info: CrmInfo
    lead_object: str

    def of_records(self, name: str, ids: Sequence[str]) -> dict[str, set[str]]:
        """Return record id -> leads that a record belongs to: itself, associated ones, or those of its people."""
        if name in self.info.with_role(ObjectRole.DEAL) and name != self.lead_object:
            rows = self.mirror.read(name, ids)
            deals = [rows[key].record if key in rows else CrmRecord(name, key) for key in ids]
            return {key: set(leads) for key, leads in self.of_deals(name, deals).items()}
        if name == self.lead_object:
            found = {key: {key} for key in ids}
        else:
            people = self._of_people(name, ids)
            found = {key: leads | people[key] for key, leads in self.linked(name, ids, self.lead_object).items()}
        present = self._present({lead for leads in found.values() for lead in leads})
        return {key: {present[lead] for lead in leads if lead in present} for key, leads in found.items()}

    def of_deals(self, name: str, deals: Sequence[CrmRecord]) -> Mapping[str, Sequence[str]]:
        """Return deal id -> ids of its leads that still exist, sorted."""
        if name == self.lead_object:
            return {deal.record_id: [deal.record_id] for deal in deals}
        ids = [deal.record_id for deal in deals]
        found: dict[str, set[str]] = {key: set() for key in ids}
        for deal in deals:
            if self.info.deal.lead and (lead := deal.values.get(self.info.deal.lead)):
                found[deal.record_id].add(str(lead))
        for key, links in crm_links.of_records(self.mirror, name, ids).items():
            found[key] |= {link.to_id for link in links if link.to_object == self.lead_object}
        former = crm_aliases.former_ids(self.mirror, name, ids)
        names = {old: key for key, olds in former.items() for old in olds} | {key: key for key in ids}
        for key, others in crm_links.to_records(self.mirror, name, list(names)).items():
            found[names[key]] |= {other for other_name, other in others if other_name == self.lead_object}
        found |= self._of_people(name, [key for key, leads in found.items() if not leads])
        present = self._present({lead for leads in found.values() for lead in leads})
        return {key: sorted({present[lead] for lead in leads if lead in present}) for key, leads in found.items()}

    def deals_of(self, leads: Collection[str], name: str) -> set[str] | None:
        """Return the ids of all deals of leads, and maybe of others; None where only the deals name them."""
        if name == self.lead_object:
            return set(leads)
        if self.info.deal.lead:
            return None
        former = crm_aliases.former_ids(self.mirror, self.lead_object, sorted(leads))
        ids = sorted({*leads, *(old for olds in former.values() for old in olds)})
        found = {deal for deals in self.linked(self.lead_object, ids, name).values() for deal in deals}
        for person in self.info.with_role(ObjectRole.PERSON):
            people = self.linked(self.lead_object, ids, person)
            deals_of = self.linked(person, sorted({key for keys in people.values() for key in keys}), name)
            found |= {deal for deals in deals_of.values() for deal in deals}
        return found | set(crm_aliases.survivors(self.mirror, name, sorted(found)).values())

    def linked(self, name: str, ids: Sequence[str], other: str) -> dict[str, set[str]]:
        """Return id -> ids of the records of another object with an association on either side."""
        found: dict[str, set[str]] = {key: set() for key in ids}
        if not found:
            return found
        for key, links in crm_links.of_records(self.mirror, name, ids).items():
            found[key] |= {link.to_id for link in links if link.to_object == other}
        for key, records in crm_links.to_records(self.mirror, name, ids).items():
            found[key] |= {record_id for object_name, record_id in records if object_name == other}
        return found

    def _of_people(self, name: str, ids: Sequence[str]) -> dict[str, set[str]]:
        """Return record id -> ids of the leads of the record's people."""
        found: dict[str, set[str]] = {key: set() for key in ids}
        for person in self.info.with_role(ObjectRole.PERSON):
            people = {key: {key} for key in ids} if name == person else self.linked(name, ids, person)
            leads = self.linked(person, sorted({key for keys in people.values() for key in keys}), self.lead_object)
            for record, keys in people.items():
                found[record] |= {lead for key in keys for lead in leads[key]}
        return found

    def _present(self, leads: Collection[str]) -> dict[str, str]:
        """Return lead -> the lead that survives, of those that the CRM still has."""
        survivors = crm_aliases.survivors(self.mirror, self.lead_object, sorted(leads))
        followed = {lead: survivors.get(lead, lead) for lead in leads}
        present = self.mirror.present_ids(self.lead_object, sorted(set(followed.values())))
        return {lead: survivor for lead, survivor in followed.items() if survivor in present}
