"""Org of the local peer: what people do to records, as Salesforce keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from crm.connectors.salesforce.salesforce_links import JOINING, lookup_links
from crm.connectors.salesforce.soql import full_id
from crm.sandbox.peer_account import PERSON, PeerAccount, PeerClock, PeerRecord, SecondsClock
from leadworth.crm_records import CrmRecord, CrmValue, RecordLink, RecordState

PREFIXES = {
    "Lead": "00Q",
    "Contact": "003",
    "Account": "001",
    "Opportunity": "006",
    "Task": "00T",
    "Event": "00U",
    "Campaign": "701",
    "User": "005",
}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PERSON_ID = full_id("0055e000001PERS")
API_USER_ID = full_id("0055e0000001API")
QUEUE_ID = full_id("00G5e000000QUEU")
"""Queue that the assignment rule of the org gives leads to."""
STAGES: Mapping[str, tuple[bool, bool, float, str]] = {
    "Prospecting": (False, False, 10.0, "Pipeline"),
    "Proposal/Price Quote": (False, False, 75.0, "BestCase"),
    "Negotiation/Review": (False, False, 90.0, "Commit"),
    "Closed Won": (True, True, 100.0, "Closed"),
    "Closed Lost": (True, False, 0.0, "Omitted"),
}
"""Stage -> closed, won, probability, forecast category."""
STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted", "Closed - Converted")
RECYCLE_BIN = timedelta(days=15)


class SalesforceAccount(PeerAccount):
    """Records of an org.

    Attributes
    ----------
    deleted_at
        Object -> id -> time of deletion: the log of deletions.
    marks
        Id -> length of the record's history after its creation and after each change.
    """

    def __init__(self, clock: PeerClock | None = None, lag_seconds: float = 0.0) -> None:
        super().__init__(clock or SecondsClock(), lag_seconds)
        self.deleted_at: dict[str, dict[str, datetime]] = {}
        self.marks: dict[str, list[int]] = {}
        self._numbers = count(1)

    def create(
        self,
        object_name: str,
        values: Mapping[str, CrmValue],
        *,
        record_id: str = "",
        at: datetime | None = None,
        by: str = PERSON,
    ) -> str:
        """Create a record; its id has the prefix of the object."""
        with self.lock:
            key = record_id or self._new_id(object_name)
            return super().create(object_name, {**_defaults(object_name), **values}, record_id=key, at=at, by=by)

    def convert(self, lead: str, *, opportunity: bool = True, account: str = "", amount: CrmValue = None) -> None:
        """Convert a lead, as a seller does: open activities move to the contact, the lead can only be read.

        Parameters
        ----------
        opportunity
            Whether the seller makes one.
        account
            Existing account to convert into; empty: a new one.
        """
        with self.lock:
            values = self.of("Lead")[lead].values
            company = account or self.create("Account", {"Name": values.get("Company")})
            shared = {name: values.get(name) for name in ("FirstName", "LastName", "Email", "Phone", "LeadSource")}
            contact = self.create("Contact", {**shared, "AccountId": company})
            converted: dict[str, CrmValue] = {
                "IsConverted": True,
                "ConvertedDate": f"{self.clock.now():%Y-%m-%d}",
                "ConvertedAccountId": company,
                "ConvertedContactId": contact,
                "Status": STATUSES[-1],
            }
            if opportunity:
                deal = self.create(
                    "Opportunity",
                    {"Name": values.get("Company"), "AccountId": company, "Amount": amount, "CloseDate": "2027-01-31"},
                )
                self.link("Opportunity", deal, RecordLink("Contact", contact, "primary"), back="primary")
                converted["ConvertedOpportunityId"] = deal
            self.edit("Lead", lead, converted)
            for task in list(self.of("Task").values()):
                if task.values.get("WhoId") == lead and task.values.get("Status") != "Completed":
                    self.edit("Task", task.record_id, {"WhoId": contact})

    def link(self, object_name: str, record_id: str, link: RecordLink, *, back: str = "") -> None:
        """Associate two records; a lead and its opportunity by the lead's conversion, since no other way exists."""
        pair = {object_name: record_id, link.to_object: link.to_id}
        if pair.keys() != {"Lead", "Opportunity"}:
            super().link(object_name, record_id, link, back=back)
            return
        with self.lock:
            at = self.of("Opportunity")[pair["Opportunity"]].created_at
            converted: dict[str, CrmValue] = {
                "IsConverted": True,
                "ConvertedDate": f"{at:%Y-%m-%d}",
                "ConvertedOpportunityId": pair["Opportunity"],
                "Status": STATUSES[-1],
            }
            self.edit("Lead", pair["Lead"], converted, at=at)

    def merge(self, object_name: str, survivor: str, absorbed: str) -> None:
        """Merge a record into another: records that look up the absorbed one look up the survivor."""
        with self.lock:
            super().merge(object_name, survivor, absorbed)
            for other, records in self.records.items():
                for record in list(records.values()):
                    moved = {
                        name: survivor
                        for name, value in record.values.items()
                        if value == absorbed and name.endswith("Id") and record.record_id != absorbed
                    }
                    if moved:
                        self.edit(other, record.record_id, dict(moved))

    def purge(self, object_name: str, record_id: str) -> None:
        """Empty the recycle bin of a record: only the log of deletions knows it."""
        with self.lock:
            del self.of(object_name)[record_id]

    def commit_late(self, object_name: str, values: Mapping[str, CrmValue], *, at: datetime, visible: datetime) -> str:
        """Create a record whose transaction began at a time and is seen by queries from another time on."""
        with self.lock:
            key = self.create(object_name, values, at=at)
            self.of(object_name)[key].visible_at = visible
            return key

    def in_bin(self, record: PeerRecord) -> bool:
        """Return whether a record is live, or deleted for less than 15 days."""
        if record.state in (RecordState.LIVE, RecordState.ARCHIVED) or record.state_at is None:
            return True
        return self.clock.now() - record.state_at < RECYCLE_BIN

    def truth(self, object_name: str) -> dict[str, CrmRecord]:
        """Return the records as a mirror at rest has to hold them: links come from lookups and joining objects too."""
        joined = {other for _, _, other, _ in JOINING.get(object_name, ())}
        with self.lock:
            return {
                key: replace(
                    record,
                    absorbed=(),
                    links=tuple(
                        sorted(
                            {link for link in record.links or () if link.to_object in joined}
                            | lookup_links(object_name, record.values),
                            key=lambda link: (link.to_object, link.to_id, link.label),
                        )
                    ),
                )
                for key, record in super().truth(object_name).items()
            }

    def _set(self, object_name: str, record: PeerRecord, values: Mapping[str, CrmValue], at: datetime, by: str) -> None:
        whole = at.replace(microsecond=0)
        complete = {**_of_stage(object_name, record, values), **values}
        if isinstance(closed_at := complete.get("CloseDate"), str):
            complete["CloseDate"] = closed_at[:10]  # a date without time
        super()._set(object_name, record, complete, whole, PERSON_ID if by == PERSON else by)
        if not self.marks.get(record.record_id):
            record.created_at = record.modified_at = whole
        self.marks.setdefault(record.record_id, []).append(len(record.history))

    def _end(self, record: PeerRecord, state: RecordState) -> None:
        super()._end(record, state)
        record.modified_at = self.clock.now()
        record.modified_by = PERSON_ID
        object_name = next(name for name, records in self.records.items() if record.record_id in records)
        log = self.deleted_at.setdefault(object_name, {})
        if state is RecordState.LIVE:
            log.pop(record.record_id, None)
        else:
            log[record.record_id] = record.modified_at

    def _new_id(self, object_name: str) -> str:
        number, digits = next(self._numbers), ""
        while number:
            number, rest = divmod(number, len(ALPHABET))
            digits = ALPHABET[rest] + digits
        return full_id(PREFIXES.get(object_name, "a00") + "5e00" + digits.rjust(8, "0"))


def _defaults(object_name: str) -> dict[str, CrmValue]:
    """Return what a new record holds without being asked."""
    owner: dict[str, CrmValue] = {"OwnerId": PERSON_ID}
    defaults: dict[str, dict[str, CrmValue]] = {
        "Lead": {**owner, "Status": STATUSES[0], "IsConverted": False, "HasOptedOutOfEmail": False, "DoNotCall": False},
        "Opportunity": {**owner, "StageName": "Prospecting"},
        "Task": {**owner, "Status": "Not Started", "IsArchived": False},
        "Event": {**owner, "IsArchived": False},
        "Contact": {**owner, "HasOptedOutOfEmail": False},
        "Account": owner,
        "Campaign": {"IsActive": True},
        "User": {"IsActive": True},
    }
    return defaults.get(object_name, {})


def _of_stage(object_name: str, record: PeerRecord, values: Mapping[str, CrmValue]) -> dict[str, CrmValue]:
    """Return what a change of the stage sets with it."""
    stage = values.get("StageName")
    if object_name != "Opportunity" or stage is None or stage == record.values.get("StageName"):
        return {}
    closed, won, probability, forecast = STAGES.get(str(stage), STAGES["Prospecting"])
    return {"IsClosed": closed, "IsWon": won, "Probability": probability, "ForecastCategory": forecast}
