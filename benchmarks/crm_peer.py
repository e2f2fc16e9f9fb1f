"""Peer of a CRM in a process of its own, filled with a simulated business, for `benchmarks.crm`."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from crm.sandbox.crm_peer import CrmPeer
from crm.sandbox.crm_sandbox import peer_of
from leadworth.crm_catalog import ObjectRole, crms
from leadworth.peer_server import serve_peer
from simulation import simulate
from simulation.crm_accounts import fill_account
from simulation.sales_process import CONTACTED, STAGES
from store.mirror_scope import PRESENT

MONTHS = 24
SEED = 12
DEALS = 0.3
"""Deals, as a share of the leads."""
JOINED = ("LeadHistory", "OpportunityHistory", "CampaignMember", "OpportunityContactRole")


@contextmanager
def served(name: str, leads: int, *, limited: bool) -> Iterator[tuple[dict[str, str], Connection]]:
    """Serve a filled peer; yield the settings that connect with it, and the connection that commands it.

    Parameters
    ----------
    limited
        Refuse requests that come too fast or are too many, as the CRM does.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(name, leads, limited, theirs))
    process.start()
    theirs.close()  # so that the end of the peer ends what waits for its answers
    try:
        try:
            values = ours.recv()
        except EOFError:
            raise RuntimeError(f"the peer of {name} ended before it served") from None
        yield values, ours
        with suppress(OSError):
            ours.send(("stop", {}))
            process.join(30)
    finally:
        process.kill()


def _serve(name: str, leads: int, limited: bool, commands: Connection) -> None:
    peer = peer_of(name)
    if not limited:
        peer.lift_limits()
    _fill(peer, leads)
    with serve_peer(peer) as address:
        commands.send(dict(peer.settings(address)))
        while (command := commands.recv())[0] != "stop":
            name, options = command
            commands.send(COMMANDS[name](peer, **options))


def _fill(peer: CrmPeer, leads: int) -> None:
    """Create leads with their companies, and deals for a part of them."""
    simulation = simulate(leads=leads, months=MONTHS, seed=SEED)
    stages = simulation.stages
    begun = stages.loc[stages["stage"] == STAGES[CONTACTED], "lead_id"].unique()[: int(DEALS * leads)]
    fill_account(peer, replace(simulation, stages=stages[stages["lead_id"].isin(begun)]))


def _advance(peer: CrmPeer, hours: float) -> None:
    peer.account.clock.advance(hours=hours)


def _volumes(peer: CrmPeer) -> dict[str, int]:
    """Return the rows of each object, and of those that Salesforce derives."""
    found = {
        name: sum(record.state in PRESENT for record in peer.account.of(name).values())
        for name in crms()[peer.name].objects
    }
    rows: Any = getattr(peer, "rows", None)
    for name in JOINED if rows is not None and hasattr(rows, "derived") else ():
        found[name] = sum(1 for _ in rows.rows(name, everything=False, pins={}))
    return found


def _change(peer: CrmPeer, share: float) -> dict[str, list[str]]:
    """Change a share of the leads and deals now: a phone number, or the amount; return the ids of each object."""
    info = crms()[peer.name]
    draw = random.Random(1)
    changed = {}
    deals = info.with_role(ObjectRole.DEAL)  # none where leads and deals are one object
    fields = {info.lead_objects[0]: info.columns["phone"]} | dict.fromkeys(deals[:1], info.deal.amount)
    for name, field in fields.items():
        keys = sorted(peer.account.of(name))
        some = draw.sample(keys, int(len(keys) * share))
        for place, key in enumerate(some):
            value = 1_000 + place if name in deals else f"+49 30 55{place:05d}"
            peer.account.edit(name, key, {field: value})
        changed[name] = some
    return changed


def _writes(peer: CrmPeer) -> int:
    """Return the number of records that were written through the interface."""
    return len(peer.account.writes)


COMMANDS: Mapping[str, Callable[..., Any]] = {
    "advance": _advance,
    "volumes": _volumes,
    "change": _change,
    "writes": _writes,
}
