"""Environment of the local peer of Dataverse: what people do to rows, as Dataverse keeps it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from crm.connectors.dynamics.dataverse_values import LINKS
from crm.sandbox.peer_account import PERSON, PeerAccount, PeerClock, PeerRecord, SecondsClock
from leadworth.crm_records import CrmRecord, CrmValue, RecordLink, RecordState

PERSON_ID = "11111111-0000-4000-8000-000000000001"
APPLICATION_ID = "11111111-0000-4000-8000-000000000002"
FIRST_OPTION = 200_000_000
CURRENCIES = {"EUR": "22222222-0000-4000-8000-000000000001", "USD": "22222222-0000-4000-8000-000000000002"}
STATES: Mapping[str, Mapping[str, str]] = {
    "lead": {"1": "0", "2": "0", "3": "1", "4": "2", "5": "2", "6": "2", "7": "2"},
    "opportunity": {"1": "0", "2": "0", "100000001": "0", "3": "1", "4": "2", "5": "2"},
}
"""Table -> status reason -> state."""


class DataverseAccount(PeerAccount):
    """Rows of an environment; choices are numbers as text.

    Attributes
    ----------
    version
        Number of the last change, as change tracking counts.
    changed
        Table -> id -> number of the last change.
    deleted
        Table -> id -> number of the deletion.
    choices
        Column -> label -> number, of choices to which the administrator adds each new label.
    """

    def __init__(self, clock: PeerClock | None = None, lag_seconds: float = 0.0) -> None:
        super().__init__(clock or SecondsClock(), lag_seconds)
        self.version = 0
        self.changed: dict[str, dict[str, int]] = {}
        self.deleted: dict[str, dict[str, int]] = {}
        self.choices: dict[str, dict[str, str]] = {"leadsourcecode": {}, "industrycode": {}}
        self._random = random.Random(1)
        for code, key in CURRENCIES.items():
            self.create("transactioncurrency", {"isocurrencycode": code}, record_id=key)

    def next_id(self) -> str:
        """Return a new id; ids are in no order of time."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def create(
        self,
        object_name: str,
        values: Mapping[str, CrmValue],
        *,
        record_id: str = "",
        at: datetime | None = None,
        by: str = PERSON,
    ) -> str:
        """Create a row with the values that Dataverse sets by itself."""
        return super().create(object_name, {**_defaults(object_name), **values}, record_id=record_id, at=at, by=by)

    def qualify(self, lead: str, *, opportunity: bool = True, amount: CrmValue = None) -> str:
        """Qualify a lead, as a seller does, and return the id of its opportunity, if one is made."""
        with self.lock:
            company = self.create("account", {"name": self.of("lead")[lead].values.get("companyname")})
            changed: dict[str, CrmValue] = {"statuscode": "3", "_parentaccountid_value": company}
            deal = ""
            if opportunity:
                values = {"_originatingleadid_value": lead, "_customerid_value": company, "estimatedvalue": amount}
                deal = self.create("opportunity", values)
                changed["_qualifyingopportunityid_value"] = deal
            self.edit("lead", lead, changed)
            return deal

    def merge(self, object_name: str, survivor: str, absorbed: str) -> None:
        """Merge a row into another: it stays, inactive, and lookups of others move to the survivor."""
        with self.lock:
            super().merge(object_name, survivor, absorbed)
            self.edit(object_name, absorbed, {"merged": True, "_masterid_value": survivor})
            for other, records in self.records.items():
                for record in list(records.values()):
                    moved: dict[str, CrmValue] = {
                        name: survivor
                        for name, value in record.values.items()
                        if value == absorbed and name in LINKS and record.record_id != absorbed
                    }
                    if moved:
                        self.edit(other, record.record_id, moved)

    def truth(self, object_name: str) -> dict[str, CrmRecord]:
        """Return the rows as a mirror at rest has to hold them: links come from lookups."""
        with self.lock:
            return {
                key: replace(record, absorbed=(), links=self.links_of(record.values))
                for key, record in super().truth(object_name).items()
            }

    def links_of(self, values: Mapping[str, CrmValue]) -> tuple[RecordLink, ...]:
        """Return the links that the lookups of a row hold."""
        links = {
            RecordLink(self.table_of(str(values[name])), str(values[name]), label)
            for name, label in LINKS.items()
            if values.get(name)
        }
        return tuple(sorted(links, key=lambda link: (link.to_object, link.to_id, link.label)))

    def table_of(self, key: str) -> str:
        """Return the table of a row; empty if there is none."""
        return next((name for name, records in self.records.items() if key in records), "")

    def _set(self, object_name: str, record: PeerRecord, values: Mapping[str, CrmValue], at: datetime, by: str) -> None:
        whole = at.replace(microsecond=0)
        complete = dict(values)
        if (state := STATES.get(object_name, {}).get(str(values.get("statuscode")))) is not None:
            complete["statecode"] = state
        if isinstance(closed_at := complete.get("actualclosedate"), str):
            complete["actualclosedate"] = closed_at[:10]  # a date without time
        for name in self.choices.keys() & complete.keys():
            label = str(complete[name] or "0")
            if not label.isdigit():
                known = self.choices[name]
                complete[name] = known.setdefault(label, str(FIRST_OPTION + len(known)))
        if object_name not in self.changed or record.record_id not in self.changed[object_name]:
            record.created_at = record.modified_at = whole
        super()._set(object_name, record, complete, whole, PERSON_ID if by == PERSON else by)
        self.version += 1
        self.changed.setdefault(object_name, {})[record.record_id] = self.version

    def _end(self, record: PeerRecord, state: RecordState) -> None:
        super()._end(record, state)
        self.version += 1
        log = self.deleted.setdefault(self.table_of(record.record_id), {})
        if state is RecordState.DELETED:
            log[record.record_id] = self.version
        else:
            log.pop(record.record_id, None)


def _defaults(object_name: str) -> dict[str, CrmValue]:
    """Return what a new row holds without being asked."""
    owner: dict[str, CrmValue] = {"_ownerid_value": PERSON_ID}
    consent: dict[str, CrmValue] = {"donotemail": False, "donotphone": False}
    defaults: dict[str, dict[str, CrmValue]] = {
        "lead": {**owner, **consent, "donotbulkemail": False, "statecode": "0", "statuscode": "1", "merged": False},
        "opportunity": {
            **owner,
            "statecode": "0",
            "statuscode": "1",
            "_transactioncurrencyid_value": CURRENCIES["EUR"],
        },
        "account": {**owner, "merged": False},
        "contact": {**owner, **consent, "merged": False},
        "phonecall": {**owner, "statecode": "0", "directioncode": True},
        "email": {**owner, "statecode": "0", "directioncode": True},
        "appointment": {**owner, "statecode": "0"},
        "systemuser": {"isdisabled": False},
    }
    return defaults.get(object_name, {})
