"""Account of the local Zoho peer: what people do to records, as Zoho keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from crm.connectors.zoho.zoho_values import LOOKUPS, lookup_links
from crm.sandbox.peer_account import PERSON, PeerAccount, PeerClock, PeerRecord
from leadworth.crm_records import CrmRecord, CrmValue, RecordLink, RecordState

PERSON_ID = "554023000000000101"
API_USER_ID = "554023000000000102"
OTHER_OWNER_ID = "554023000000000103"
"""User whom the account's workflow gives leads to."""
STAGES: Mapping[str, str] = {
    "Qualification": "Open",
    "Proposal/Price Quote": "Open",
    "Negotiation/Review": "Open",
    "Closed Won": "Closed Won",
    "Closed Lost": "Closed Lost",
    "Closed-Lost to Competition": "Closed Lost",
}
"""Stage -> forecast type."""
ID_PREFIX = "554023"


class ZohoAccount(PeerAccount):
    """Records of an account.

    Attributes
    ----------
    unapproved
        Ids of records of web forms that await approval.
    erased
        Ids of records that are deleted for ever.
    """

    def __init__(self, clock: PeerClock | None = None, lag_seconds: float = 0.0) -> None:
        super().__init__(clock, lag_seconds)
        self.unapproved: set[str] = set()
        self.erased: set[str] = set()
        for key, name in ((PERSON_ID, "Pat"), (API_USER_ID, "leadworth"), (OTHER_OWNER_ID, "Other")):
            values = {"full_name": name, "email": f"{name.lower()}@example.org", "status": "active"}
            self.create("users", values, record_id=key)

    def next_id(self) -> str:
        """Return a number of 18 digits."""
        return f"{ID_PREFIX}{int(super().next_id()):012d}"

    def create(
        self,
        object_name: str,
        values: Mapping[str, CrmValue],
        *,
        record_id: str = "",
        at: datetime | None = None,
        by: str = PERSON,
    ) -> str:
        """Create a record with an owner, and a deal with a stage."""
        defaults: dict[str, CrmValue] = {} if object_name == "users" else {"Owner": PERSON_ID}
        if object_name == "Deals":
            defaults["Stage"] = next(iter(STAGES))
        with self.lock:
            key = super().create(object_name, {**defaults, **values}, record_id=record_id, at=at, by=by)
            record = self.of(object_name)[key]
            record.created_at = record.modified_at = record.created_at.replace(microsecond=0)
            return key

    def convert(self, lead: str, *, deal: bool = True, amount: CrmValue = None) -> str:
        """Convert a lead, as a seller does, and return the id of the deal; empty without one."""
        with self.lock:
            values = self.of("Leads")[lead].values
            company = self.create("Accounts", {"Account_Name": values.get("Company")})
            shared = {name: values.get(name) for name in ("First_Name", "Last_Name", "Email", "Phone")}
            contact = self.create("Contacts", {**shared, "Account_Name": company})
            converted: dict[str, CrmValue] = {"Converted_Account": company, "Converted_Contact": contact}
            made = ""
            if deal:
                given: dict[str, CrmValue] = {"Deal_Name": values.get("Company"), "Amount": amount}
                made = self.create("Deals", {**given, "Account_Name": company, "Contact_Name": contact})
                converted["Converted_Deal"] = made
            self._convert(lead, converted, self.clock.now())
            return made

    def link(self, object_name: str, record_id: str, link: RecordLink, *, back: str = "") -> None:
        """Associate a lead and its deal by the lead's conversion, since no other way exists."""
        del back
        pair = {object_name: record_id, link.to_object: link.to_id}
        if pair.keys() != {"Leads", "Deals"}:
            raise ValueError(f"Zoho has no association of {object_name} with {link.to_object}: set a lookup field")
        with self.lock:
            self._convert(pair["Leads"], {"Converted_Deal": pair["Deals"]}, self.of("Deals")[pair["Deals"]].created_at)

    def merge(self, object_name: str, survivor: str, absorbed: str) -> None:
        """Merge a record into another: lookups of the absorbed one become lookups of the survivor."""
        with self.lock:
            super().merge(object_name, survivor, absorbed)
            for other, lookups in LOOKUPS.items():
                names = [name for name, (to_object, _) in lookups.items() if to_object == object_name]
                for record in list(self.of(other).values()):
                    moved: dict[str, CrmValue] = {
                        name: survivor for name in names if record.values.get(name) == absorbed
                    }
                    if moved:
                        self.edit(other, record.record_id, moved)

    def erase(self, object_name: str, record_id: str) -> None:
        """Delete a record for ever."""
        with self.lock:
            self.delete(object_name, record_id)
            self.erased.add(record_id)

    def truth(self, object_name: str) -> dict[str, CrmRecord]:
        """Return the records as a mirror at rest has to hold them: Zoho does not say into what a record was merged."""
        return {
            key: replace(
                record,
                state=RecordState.DELETED if record.state is RecordState.MERGED else record.state,
                merged_into="",
                absorbed=(),
                links=lookup_links(object_name, record.values),
            )
            for key, record in super().truth(object_name).items()
        }

    def _convert(self, lead: str, converted: dict[str, CrmValue], at: datetime) -> None:
        self.edit("Leads", lead, {**converted, "Converted__s": True, "Converted_Date_Time": at.isoformat()}, at=at)

    def _set(self, object_name: str, record: PeerRecord, values: Mapping[str, CrmValue], at: datetime, by: str) -> None:
        complete = dict(values)
        if isinstance(closed_at := complete.get("Closing_Date"), str):
            complete["Closing_Date"] = closed_at[:10]  # a date without time
        super()._set(object_name, record, complete, at.replace(microsecond=0), PERSON_ID if by == PERSON else by)
