"""Rows of outcomes from the mirror of a CRM: one row per stage of each deal of each lead.

A deal is won or lost by its last stage: one that was moved back is open, and its earlier won stages count as open. It
was won at the beginning of the run of won stages at its end. Ids of merged leads follow to the lead that survives. A
lead without a deal has a row where its own status means won or lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from crm.lead_links import LeadLinks
from crm.mirror_values import written, written_time
from leadworth.crm_catalog import CrmInfo, ObjectRole
from leadworth.crm_records import CrmRecord, CrmStage, CrmValue, RecordLink, StageMeaning
from store import crm_changes, crm_links
from store.chunks import chunks
from store.crm_changes import KnownChange
from store.crm_mirror import CrmMirror

COLUMNS = (
    *("lead_id", "deal_id", "stage", "stage_at", "won", "won_at", "lost", "lost_at", "revenue", "currency"),
    *("closed_at", "loss_reason", "known_at", "account"),
)
Cells = dict[str, str | None]
Stages = Mapping[str, Sequence[CrmStage]]


@dataclass(frozen=True)
class _Step:
    """A stage that a deal reached; `at` is None where no time is known."""

    value: str
    at: datetime | None


def account_of(links: Sequence[RecordLink], companies: Collection[str]) -> str | None:
    """Return the company of a record: the primary one, else the first."""
    found = [link for link in links if link.to_object in companies]
    return min(found, key=lambda link: (link.label != "primary", link.to_id)).to_id if found else None


def outcome_rows(
    mirror: CrmMirror,
    info: CrmInfo,
    lead_object: str,
    stages: Stages,
    zone: tzinfo,
    only: Collection[str] | None = None,
) -> Iterator[list[Cells]]:
    """Yield rows of outcomes in lists, with the cells `COLUMNS`.

    Parameters
    ----------
    stages
        Object -> its stages.
    zone
        Time zone of dates without a time.
    only
        Leads whose outcomes are complete; those of others may come too. None: all.
    """
    deal_objects = info.with_role(ObjectRole.DEAL) or (lead_object,)
    leads = LeadLinks(mirror, info, lead_object)
    reader = _DealReader(mirror, info, lead_object, leads, stages, zone)
    for name in deal_objects:
        for part in mirror.scan(name, ids=None if only is None else leads.deals_of(only, name)):
            yield reader.rows(name, [row.record for row in part])
    if lead_object not in deal_objects and any(stage.meaning is not StageMeaning.OPEN for stage in stages[lead_object]):
        present = mirror.ids(lead_object)
        for ids in chunks(sorted(present if only is None else present.intersection(only))):
            yield reader.status_rows(ids, deal_objects)


@dataclass(frozen=True)
class _DealReader:
    mirror: CrmMirror
    info: CrmInfo
    lead_object: str
    leads: LeadLinks
    stages: Stages
    zone: tzinfo

    def rows(self, name: str, deals: Sequence[CrmRecord]) -> list[Cells]:
        """Return the rows of some deals; a deal without a lead has rows without a lead's id."""
        ids = [deal.record_id for deal in deals]
        leads = self.leads.of_deals(name, deals)
        links = crm_links.of_records(self.mirror, name, ids)
        field = self.info.deal.stage
        changes = crm_changes.of_records(self.mirror, name, ids, [field])
        companies = set(self.info.with_role(ObjectRole.COMPANY))
        result: list[Cells] = []
        for deal in deals:
            steps = self._steps(name, deal, field, changes.get(deal.record_id, ()))
            account = account_of(links.get(deal.record_id, ()), companies)
            cells = [row | {"account": account} for row in self._deal_cells(name, deal, steps)]
            for lead in leads.get(deal.record_id) or (None,):
                result += [row | {"lead_id": lead} for row in cells]
        return result

    def status_rows(self, ids: Sequence[str], deal_objects: Collection[str]) -> list[Cells]:
        """Return a row for each lead without a deal whose status means won or lost."""
        stages = {stage.value: stage for stage in self.stages[self.lead_object]}
        fields = self.info.objects[self.lead_object].late
        linked = [self.leads.linked(self.lead_object, ids, name) for name in deal_objects]
        without = [key for key in ids if not any(deals[key] for deals in linked)]
        found = self.mirror.read(self.lead_object, without)
        leads = [found[key].record for key in without if key in found and not found[key].erased]
        closed: dict[str, tuple[str, CrmStage]] = {}
        for lead in leads:
            field = next((item for item in fields if str(lead.values.get(item)) in stages), None)
            if field is None:
                continue
            stage = stages[str(lead.values[field])]
            if stage.meaning is not StageMeaning.OPEN:
                closed[lead.record_id] = (field, stage)
        changes = crm_changes.of_records(self.mirror, self.lead_object, list(closed))
        rows = []
        for lead in leads:
            if lead.record_id not in closed:
                continue
            field, _ = closed[lead.record_id]
            own = [item for item in changes.get(lead.record_id, ()) if item.change.field == field]
            steps = self._steps(self.lead_object, lead, field, own)
            rows += [
                row | {"lead_id": lead.record_id, "deal_id": f"{self.lead_object}:{lead.record_id}"}
                for row in self._deal_cells(self.lead_object, lead, steps)
            ]
        return rows

    def _steps(self, name: str, deal: CrmRecord, field: str, changes: Sequence[KnownChange]) -> list[_Step]:
        """Return the stages that a deal reached, in order; the last one is its present stage."""
        steps = [_Step(str(item.change.value), item.change.valid_at) for item in changes if item.change.value]
        present = deal.values.get(field)
        seen_only = field not in self.info.objects[name].history
        if present is not None and (not steps or steps[-1].value != str(present)):
            steps.append(_Step(str(present), self._closed_at(deal) or deal.modified_at))
        elif seen_only and len(steps) == 1:
            # The stage was reached before it was first seen; the date of closing says when, for a closed deal.
            steps = [_Step(steps[0].value, self._closed_at(deal) or steps[0].at)]
        return steps

    def _closed_at(self, deal: CrmRecord) -> datetime | None:
        """Return when a deal was closed as its own field says, not before its creation."""
        value = deal.values.get(self.info.deal.closed_at)
        if not isinstance(value, str) or self._meaning_of(deal) is StageMeaning.OPEN:
            return None
        at = moment_of(value, self.zone)
        return max(at, deal.created_at) if at and deal.created_at else at

    def _meaning_of(self, deal: CrmRecord) -> StageMeaning:
        return self._meaning(deal.object, deal.values.get(self.info.deal.stage))

    def _meaning(self, name: str, value: CrmValue) -> StageMeaning:
        return next((stage.meaning for stage in self.stages[name] if stage.value == str(value)), StageMeaning.OPEN)

    def _deal_cells(self, name: str, deal: CrmRecord, steps: Sequence[_Step]) -> list[Cells]:
        """Return a row for each stage of a deal, without the lead."""
        deal_fields = self.info.deal
        labels = {stage.value: stage.label or stage.value for stage in self.stages[name]}
        meanings = [self._meaning(name, step.value) for step in steps]
        final = meanings[-1] if meanings else StageMeaning.OPEN
        begin = len(meanings)
        while begin and final is not StageMeaning.OPEN and meanings[begin - 1] is final:
            begin -= 1
        common: Cells = {
            "deal_id": deal.record_id,
            "revenue": written(deal.values.get(deal_fields.amount)),
            "currency": written(deal.values.get(deal_fields.currency)),
            "closed_at": written(deal.values.get(deal_fields.closed_at)),
            "loss_reason": written(deal.values.get(deal_fields.loss_reason)),
            "known_at": written_time(deal.modified_at),
        }
        if not steps:
            return [common | {"won": "false", "lost": "false"}]
        rows = []
        for position, step in enumerate(steps):
            ended = position >= begin
            at = written_time(step.at)
            cells: Cells = {"stage": labels.get(step.value, step.value), "stage_at": at}
            for outcome in (StageMeaning.WON, StageMeaning.LOST):
                is_it = ended and final is outcome
                cells |= {outcome.value: written(is_it), f"{outcome.value}_at": at if is_it else None}
            rows.append(common | cells)
        return rows


def moment_of(value: str, zone: tzinfo) -> datetime | None:
    """Return a moment of a CRM; a date without a time begins at midnight of the zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> str(moment_of("2026-03-01", UTC)), moment_of("soon", UTC)
    ('2026-03-01 00:00:00+00:00', None)
    """
    try:
        if len(value) == len("2026-03-01"):
            return datetime.combine(date.fromisoformat(value), time(), zone)
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)
