"""Local sandbox of sources: their peers on this machine, with a simulated account each."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date

from leadworth.setting_issues import PREFIX
from leadworth.source_settings import PACKAGE, source_names
from reporting.pulls.pull_peer import PullPeer


def peer_names() -> tuple[str, ...]:
    """Return the sources whose peer can run: the packages that it needs are installed."""
    return tuple(name for name in source_names() if _peer_type(name).is_available())


def peer_of(name: str, last_day: date) -> PullPeer:
    """Return a new peer of a source.

    Parameters
    ----------
    last_day
        Newest day with data.
    """
    return _peer_type(name)(last_day)


@contextmanager
def serve_sources(peers: Sequence[PullPeer]) -> Iterator[Mapping[str, str]]:
    """Serve peers, and return the environment variables with which leadworth connects to them."""
    with ExitStack() as stack:
        variables: dict[str, str] = {}
        for peer in peers:
            section = f"{PREFIX}REPORT__SOURCES__{peer.name.upper()}__"
            for key, value in stack.enter_context(peer.serve()).items():
                variables[section + key.upper()] = value if isinstance(value, str) else json.dumps(value)
        yield variables


def _peer_type(name: str) -> type[PullPeer]:
    peer: type[PullPeer] = importlib.import_module(f"{PACKAGE}.{name}.peer").PEER
    return peer
