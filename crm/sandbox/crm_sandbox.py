"""Local sandbox of several CRMs."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import cast

from crm.sandbox.crm_peer import CrmPeer
from crm.sandbox.crm_peer_server import serve_peer
from leadworth.crm_catalog import PACKAGE
from leadworth.settings import PREFIX


def peer_of(name: str) -> CrmPeer:
    """Return a new, empty account of a CRM; whoever serves it may fill `account` first."""
    return cast("CrmPeer", importlib.import_module(f"{PACKAGE}.{name}.peer").peer())


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
