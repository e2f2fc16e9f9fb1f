"""Accounts of local CRM peers, filled with a simulated business whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from crm.sandbox.crm_peer import CrmPeer
from crm.sandbox.peer_account import PeerAccount
from features.domains import host_of
from leadworth.console import Advance, progress
from leadworth.crm_catalog import CrmInfo, ObjectRole, crms
from leadworth.crm_records import CrmValue, RecordLink
from simulation.csv_columns import FILE_COLUMNS, LATER_COLUMNS
from simulation.sales_process import CONTACTED, JUNK, LOST, MEETING, PROPOSAL, STAGES, WON
from simulation.world import Simulation, simulate

_OPEN = {STAGES[CONTACTED]: 0, STAGES[MEETING]: 1, STAGES[PROPOSAL]: 2}
"""Stage of the simulation -> position among the peer's stages of open deals."""


@dataclass
class SeededAccount:
    """What was created in an account.

    Attributes
    ----------
    columns
        Standard field of a lead -> field of the lead object; custom ones included.
    extras
        Further column of the simulation -> field of the lead object.
    leads, deals
        Id of the simulated lead -> id of the record.
    companies
        Domain -> id of the record.
    """

    columns: dict[str, str]
    extras: dict[str, str]
    leads: dict[str, str] = field(default_factory=dict)
    deals: dict[str, str] = field(default_factory=dict)
    companies: dict[str, str] = field(default_factory=dict)


def fill_with_business(peer: CrmPeer, leads: int, seed: int) -> None:
    """Fill an empty account with a simulated business of two years that ends today, and show the progress."""
    business = simulate(leads=leads, seed=seed, end=datetime.now(UTC).date())
    total = len(business.leads) + len(business.stages)
    with progress(f"Filling {crms()[peer.name].title}", total) as advance:
        fill_account(peer, business, advance)


def fill_account(peer: CrmPeer, simulation: Simulation, advance: Advance = lambda _: None) -> SeededAccount:
    """Create the leads, companies and deals of a simulated business as its sales team would have, at their times.

    Fields of a lead that the CRM does not have become custom fields with the name of the standard field. A deal is
    created when sales contacts the lead, and moves through the stages with its history.

    Parameters
    ----------
    peer
        Peer of the CRM with an empty account.
    simulation
        The business.
    advance
        Called with the number of leads and stages that were created.

    Examples
    --------
    >>> from crm.connectors.hubspot.peer import peer
    >>> from simulation import simulate
    >>> account = peer()
    >>> seeded = fill_account(account, simulate(leads=200, months=3))
    >>> len(seeded.leads), len(account.account.truth("contacts"))
    (200, 200)
    """
    info = crms()[peer.name]
    lead_object = info.lead_objects[0]
    columns = {name: info.columns[name] for name in FILE_COLUMNS if name in info.columns}
    custom = {name: name for name in FILE_COLUMNS if name not in info.columns}
    others = [name for name in simulation.leads.columns[2:] if name not in (*FILE_COLUMNS.values(), *LATER_COLUMNS)]
    extras = {name: name.lower().replace(" ", "_") for name in others}
    created = peer.create_fields(lead_object, [*custom.values(), *extras.values()])
    seeded = SeededAccount(
        columns | {name: created[given] for name, given in custom.items()},
        {name: created[given] for name, given in extras.items()},
    )
    fields = {FILE_COLUMNS[name]: name_there for name, name_there in seeded.columns.items()} | seeded.extras
    for row in simulation.leads.to_dict("records"):
        at: datetime = row["Created"].to_pydatetime()
        values = {name: value for column, name in fields.items() if (value := _value(row[column])) is not None}
        record_id = peer.account.create(lead_object, values, at=at)
        seeded.leads[row["Lead ID"]] = record_id
        _add_company(peer, info, seeded, row, record_id, at)
        advance(1)
    for event in simulation.stages.to_dict("records"):
        _add_stage(peer, info, seeded, event)
        advance(1)
    return seeded


def _value(value: Any) -> CrmValue:
    """Return a cell as a CRM holds it; None where it is empty."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | int | str):
        return value
    return int(value) if float(value).is_integer() else float(value)


def _add_company(
    peer: CrmPeer, info: CrmInfo, seeded: SeededAccount, row: Mapping[Hashable, Any], lead: str, at: datetime
) -> None:
    """Associate a lead with the company of its website, as a CRM does by itself."""
    objects = info.with_role(ObjectRole.COMPANY)
    domain = host_of(_text(row["Website"]))
    if not objects or not peer.company_fields or not domain:
        return
    if domain not in seeded.companies:
        values = {peer.company_fields["domain"]: domain, peer.company_fields["name"]: _text(row["Company"]) or domain}
        seeded.companies[domain] = peer.account.create(objects[0], values, at=at)
    _link(peer.account, info.lead_objects[0], lead, objects[0], seeded.companies[domain], "primary")


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _link(account: PeerAccount, object_name: str, record_id: str, to_object: str, to_id: str, label: str = "") -> None:
    account.link(object_name, record_id, RecordLink(to_object, to_id, label), back=label)


def _add_stage(peer: CrmPeer, info: CrmInfo, seeded: SeededAccount, event: Mapping[Hashable, Any]) -> None:
    """Move the deal of a lead to a stage, and create it where there is none."""
    stage, at = event["stage"], event["stage_at"].to_pydatetime()
    lead = seeded.leads.get(event["lead_id"])
    if lead is None:
        return
    lead_object = info.lead_objects[0]
    if stage == STAGES[JUNK]:
        peer.account.edit(lead_object, lead, dict([peer.junk_status]), at=at)
        return
    if stage in _OPEN:
        values: dict[str, CrmValue] = {info.deal.stage: peer.open_stages[_OPEN[stage]]}
    elif stage in (STAGES[WON], STAGES[LOST]):
        values = {info.deal.stage: peer.won_stage if stage == STAGES[WON] else peer.lost_stage}
        values |= {info.deal.closed_at: at.isoformat()} if info.deal.closed_at else {}
    else:
        return
    if (amount := _value(event["amount"])) is not None:
        values[info.deal.amount] = amount
    deals = next(iter(info.with_role(ObjectRole.DEAL)), lead_object)
    if deals == lead_object:  # one record for both
        seeded.deals[event["lead_id"]] = lead
    if event["lead_id"] in seeded.deals:
        peer.account.edit(deals, seeded.deals[event["lead_id"]], values, at=at)
        return
    if info.deal.lead:
        values[info.deal.lead] = lead
    deal = peer.account.create(deals, values, at=at)
    seeded.deals[event["lead_id"]] = deal
    if not info.deal.lead:
        _link(peer.account, deals, deal, lead_object, lead)
