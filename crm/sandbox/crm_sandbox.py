"""Local sandbox of several CRMs."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import cast

from crm.sandbox.crm_peer import CrmPeer
from leadworth.crm_catalog import PACKAGE
from leadworth.peer_server import serve_peer
from leadworth.setting_issues import PREFIX

BUSINESS = "simulation.crm_accounts:fill_with_business"
"""Function that fills an account; its package is above this one and is imported only when it is called."""


def peer_of(name: str) -> CrmPeer:
    """Return a new, empty account of a CRM; whoever serves it may fill `account` first."""
    return cast("CrmPeer", importlib.import_module(f"{PACKAGE}.{name}.peer").peer())


def fill(peers: Sequence[CrmPeer], leads: int, seed: int) -> None:
    """Fill empty accounts with the leads, companies and deals of a simulated business that ends today.

    Parameters
    ----------
    leads
        Number of leads of each account.
    seed
        Another seed, another business.
    """
    module, attribute = BUSINESS.split(":")
    fill_with_business = getattr(importlib.import_module(module), attribute)
    for peer in peers:
        fill_with_business(peer, leads, seed)


@contextmanager
def serve_sandbox(peers: Sequence[CrmPeer], *, port: int = 0) -> Iterator[Mapping[str, str]]:
    """Serve peers, and return the environment variables with which leadworth connects to them.

    Parameters
    ----------
    port
        Port of the first peer, the next ones follow; 0: free ones.
    """
    with ExitStack() as stack:
        variables: dict[str, str] = {}
        for position, peer in enumerate(peers):
            address = stack.enter_context(serve_peer(peer, port=port + position if port else 0))
            section = f"{PREFIX}CRM__{peer.name.upper()}__"
            variables |= {f"{section}{key.upper()}": value for key, value in peer.settings(address).items()}
        yield variables
