"""Account of the local Odoo peer: what people do with leads there, and the messages and tracking that it leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.connectors.odoo.odoo_models import LEAD_KINDS
from crm.connectors.odoo.odoo_values import (
    ARCHIVED,
    LEAD,
    LOST,
    NAME,
    OUTCOME_PARTS,
    OUTCOME_STAGE,
    UNDECIDED,
    WON,
    outcome_stage,
)
from crm.sandbox.peer_account import PERSON, PeerAccount, PeerClock, PeerRecord
from leadworth.crm_records import CrmValue, RecordLink, RecordState

STAGES = {1: ("New", False), 2: ("Qualified", False), 3: ("Proposition", False), 4: ("Won", True)}
TRACKED = ("stage_id", "active", "lost_reason_id", "expected_revenue", "user_id")
PARTNER, MESSAGE = "res.partner", "mail.message"
DEFAULTS: Mapping[str, CrmValue] = {
    "name": "New lead", "type": "lead", "active": True, "stage_id": 1, "probability": 10.0, "expected_revenue": 0.0,
    "priority": "0", "company_currency": 1,
}  # fmt: skip
PRESENT = (RecordState.LIVE, RecordState.ARCHIVED)
Values = dict[str, CrmValue]


@dataclass(frozen=True)
class TrackingValue:
    """Change of a tracked field, in a message."""

    record_id: int
    message: str
    field: str
    old: CrmValue
    new: CrmValue


class OdooAccount(PeerAccount):
    """Records of a database. A reference may be given by name, as `source_id/name`, and an outcome as `outcome_stage`.

    Attributes
    ----------
    tracking
        Message -> its tracked changes; those that were made with `tracking_disable` are not among them.
    messages
        Lead -> its messages.
    """

    def __init__(self, clock: PeerClock | None = None, lag_seconds: float = 0.0) -> None:
        super().__init__(clock, lag_seconds)
        self.tracking: dict[str, list[TrackingValue]] = {}
        self.messages: dict[int, list[str]] = defaultdict(list)
        self._is_silent = False
        begin = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
        for key, (name, is_won) in STAGES.items():
            values: Values = {"name": name, "sequence": key, "is_won": is_won}
            self.create("crm.stage", values, record_id=str(key), at=begin)
        self.create("res.currency", {"name": "EUR", "active": True}, record_id="1", at=begin)
        for key, name in ((2, "Anna"), (7, "leadworth")):
            self.create("res.users", {"name": name, "active": True}, record_id=str(key), at=begin)

    @property
    def won_stages(self) -> frozenset[int]:
        """Ids of the stages of won deals."""
        return frozenset(int(key) for key, stage in self.of("crm.stage").items() if stage.values["is_won"])

    @contextmanager
    def silence(self, *, silent: bool) -> Iterator[None]:
        """Leave no messages and no tracking within the block, if `silent`."""
        before, self._is_silent = self._is_silent, silent
        try:
            yield
        finally:
            self._is_silent = before

    def create(
        self,
        object_name: str,
        values: Mapping[str, CrmValue],
        *,
        record_id: str = "",
        at: datetime | None = None,
        by: str = PERSON,
    ) -> str:
        """Create a record; a lead gets Odoo's defaults and a message that it was created."""
        with self.lock:
            at = at or self.clock.now()
            if object_name != LEAD:
                return super().create(object_name, values, record_id=record_id, at=at, by=by)
            with self.silence(silent=True):
                key = super().create(LEAD, {**DEFAULTS, **values}, record_id=record_id, at=at, by=by)
            self.message(key, at=at)
            return key

    def message(
        self,
        lead: str,
        *,
        at: datetime | None = None,
        kind: str = "notification",
        message_id: str = "",
        subject: str = "",
    ) -> str:
        """Write a message on a lead and return its id; one from outside has a Message-Id of its own."""
        if self._is_silent:
            return ""
        at = at or self.clock.now()
        key = self.next_id()
        values: Values = {
            "model": LEAD,
            "res_id": int(lead),
            "date": at.isoformat(),
            "message_type": kind,
            "subject": subject or None,
            "message_id": message_id or f"<{key}5.{at.timestamp()}-odoo-{lead}-{LEAD}@peer>",
        }
        self.messages[int(lead)].append(key)
        return super().create(MESSAGE, values, record_id=key, at=at)

    def delete(self, object_name: str, record_id: str) -> None:
        """Delete a record and its messages."""
        with self.lock:
            super().delete(object_name, record_id)
            if object_name == LEAD:
                for key in self.messages.pop(int(record_id), []):
                    super().delete(MESSAGE, key)

    def restore(self, object_name: str, record_id: str) -> None:
        """Do nothing: Odoo has no recycle bin."""

    def merge(self, object_name: str, survivor: str, absorbed: str) -> None:
        """Merge a lead into another: the messages of the absorbed one move, with its name in their subject."""
        with self.lock:
            name = self.of(object_name)[absorbed].values.get("name")
            super().merge(object_name, survivor, absorbed)
            for key in self.messages.pop(int(absorbed), []):
                subject = self.of(MESSAGE)[key].values.get("subject")
                moved = f"From {name}: {subject}" if subject else f"From {name}"
                self.edit(MESSAGE, key, {"res_id": int(survivor), "subject": moved})
                self.messages[int(survivor)].append(key)

    def link(self, object_name: str, record_id: str, link: RecordLink, *, back: str = "") -> None:
        """Set the contact of a lead."""
        with self.lock:
            record = self.of(object_name)[record_id]
            self.edit(object_name, record_id, {"partner_id": int(link.to_id)}, at=record.modified_at)
            self.of(link.to_object)[link.to_id].links.add(RecordLink(object_name, record_id, back))

    def named(self, model: str, name: str, at: datetime) -> int:
        """Return the record of a name, which is created where there is none."""
        for key, record in self.of(model).items():
            if record.values.get("name") == name:
                return int(key)
        return int(super().create(model, {"name": name, "active": True}, at=at))

    def name_of(self, model: str, key: CrmValue) -> str | None:
        """Return the name of a record."""
        record = self.of(model).get(str(key))
        return None if record is None else str(record.values.get("name") or key)

    def company_of(self, partner: CrmValue) -> str:
        """Return the commercial partner: the company of a contact, or itself."""
        record = self.of(PARTNER)[str(partner)]
        parent = record.values.get("parent_id")
        return record.record_id if record.values.get("is_company") or not parent else self.company_of(parent)

    def _set(self, object_name: str, record: PeerRecord, values: Mapping[str, CrmValue], at: datetime, by: str) -> None:
        if object_name != LEAD:
            super()._set(object_name, record, values, at, by)
            if record.state in PRESENT:
                record.state = RecordState.ARCHIVED if record.values.get("active") is False else RecordState.LIVE
            return
        before = {name: record.values.get(name) for name in TRACKED}
        super()._set(object_name, record, self._expanded(record.values, values, at), at, by)
        after = record.values
        if record.state in PRESENT:
            record.state = RecordState.LIVE if after["active"] else RecordState.ARCHIVED
        if "partner_id" in values:
            others = {link for link in record.links if link.to_object != PARTNER}
            partner = after["partner_id"]
            record.links = others | ({RecordLink(PARTNER, self.company_of(partner), "primary")} if partner else set())
        changed = [name for name in TRACKED if before[name] != after.get(name)]
        if changed and not self._is_silent:
            message = self.message(record.record_id, at=at)
            self.tracking[message] = [
                TrackingValue(int(self.next_id()), message, name, before[name], after.get(name)) for name in changed
            ]

    def _expanded(self, before: Mapping[str, CrmValue], given: Mapping[str, CrmValue], at: datetime) -> Values:
        """Return the values that a change of some makes: names of references, the outcome and what follows from it."""
        values = dict(given)
        for name, value in given.items():
            relation = LEAD_KINDS.get(name.removesuffix(NAME), "")
            if name.endswith(NAME):
                values[name.removesuffix(NAME)] = self.named(relation, str(value), at) if value else None
            elif "." in relation:
                values[name + NAME] = self.name_of(relation, value) if value else None
        if values.get("email_from"):
            values["email_normalized"] = str(values["email_from"]).strip().lower()
        if values.get("lost_reason_id") and not {OUTCOME_STAGE, "active"} & given.keys():
            values[OUTCOME_STAGE] = LOST  # people give a reason in the dialog that marks a lead as lost
        current: dict[str, Any] = {**before, **values}
        if OUTCOME_STAGE in values:
            values |= parts_of(str(values[OUTCOME_STAGE]), current, self.won_stages)
        elif "stage_id" in given and "probability" not in given:
            values["probability"] = 100.0 if current["stage_id"] in self.won_stages else 20.0
        current |= values
        moved = current["stage_id"] != before.get("stage_id")
        if moved or current.get("user_id") != before.get("user_id"):
            values["date_last_stage_update"] = at.isoformat()  # some versions move it with the salesperson too
        if not {*OUTCOME_PARTS, OUTCOME_STAGE} & values.keys():
            return values
        active, probability = bool(current["active"]), float(current["probability"])
        values[OUTCOME_STAGE] = outcome_stage(active, probability, current["stage_id"], self.won_stages)
        values["stage_id" + NAME] = self.name_of("crm.stage", current["stage_id"])
        if "date_closed" not in given:
            is_closed = probability >= 100.0 or values[OUTCOME_STAGE] == LOST
            closed = None if moved else before.get("date_closed")  # some versions move it between won stages too
            values["date_closed"] = (closed or at.isoformat()) if is_closed else None
        return values


def parts_of(outcome: str, current: Mapping[str, Any], won_stages: Collection[int]) -> Values:
    """Return stage, archive and probability of a lead with an outcome."""
    stage = current["stage_id"]
    open_stage = stage if stage not in won_stages else 1
    if outcome == LOST:
        return {"active": False, "probability": 0.0}
    if outcome == ARCHIVED:
        return {"active": False, "probability": 10.0}
    if outcome == WON:
        return {"active": True, "probability": 100.0, "stage_id": open_stage}
    if outcome == UNDECIDED:
        return {"active": True, "probability": 50.0, "stage_id": min(won_stages)}
    number = int(outcome)
    return {"active": True, "probability": 100.0 if number in won_stages else 20.0, "stage_id": number}
