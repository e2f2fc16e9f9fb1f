"""Leads of the report that their source no longer has: merged into others, or deleted.

A merged lead counts once, with its survivor. A deleted one stays a lead, as it was submitted and paid for, with what
happened to it; nothing is expected of it any more. Its win does not count twice where another lead has the deal now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reporting.facts.fact_builder import LeadOutcome, LeadParts
from reporting.facts.fact_writer import FactWriter, in_lists
from store import decided_leads, lead_facts
from store.long_transaction import long_transaction
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from crm.lead_history import LeadHistory

_AT_ONCE = 2_000


@dataclass(frozen=True)
class RemovedLeads:
    """Leads that a CRM no longer has.

    Attributes
    ----------
    merged
        Id -> id of the lead that it was merged into.
    ids
        Ids of all of them; None where the source does not say, as an export: then they are the leads that it lacks
        among those submitted between its first and its last one.
    """

    merged: Mapping[str, str] = field(default_factory=dict)
    ids: frozenset[str] | None = None

    def counted_elsewhere(self, connection: Connection, leads: list[str]) -> set[str]:
        """Return those of some leads that were merged into a lead with facts."""
        survivors = {lead: self.merged[lead] for lead in leads if lead in self.merged}
        facts = lead_facts.of_leads(connection, sorted(set(survivors.values())))
        return {lead for lead, survivor in survivors.items() if survivor in facts}


def take_out(engine: Engine, writer: FactWriter, removed: RemovedLeads, history: LeadHistory) -> None:
    """Take leads that the source no longer has out of what counts now.

    Parameters
    ----------
    engine, writer
        The store, and what writes its facts.
    removed
        What the CRM says.
    history
        Leads that the source has.
    """
    for part in in_lists(removed.merged, _AT_ONCE):
        with long_transaction(engine) as connection:
            writer.merge(connection, {old: removed.merged[old] for old in part})
    at = stamp(writer.builder.at)
    with engine.connect() as connection:
        gone = _missing(connection, history) if removed.ids is None else removed.ids
    for part in in_lists(gone, _AT_ONCE):
        with long_transaction(engine) as connection:
            facts = lead_facts.of_leads(connection, part).values()
            left = [fact["lead_id"] for fact in facts if fact["gone_at"] is None]
            writer.add(connection, [LeadParts(lead, gone_at=at) for lead in left])
    with long_transaction(engine) as connection:
        doubled = lead_facts.of_leads(connection, lead_facts.won_elsewhere(connection))
        writer.add(
            connection,
            [LeadParts(lead, outcome=LeadOutcome(), gone_at=fact["gone_at"]) for lead, fact in doubled.items()],
        )


def _missing(connection: Connection, history: LeadHistory) -> set[str]:
    """Return the leads that an export lacks, among those between its first and its last one.

    A lead that the service scored may not have reached the CRM yet.
    """
    times = history.leads["submitted_at"].dropna()
    if times.empty:
        return set()
    between = lead_facts.present_between(connection, times.min().to_pydatetime(), times.max().to_pydatetime())
    lacking = sorted(between - set(history.leads["lead_id"]))
    return set(lacking) - decided_leads.known(connection, lacking)
