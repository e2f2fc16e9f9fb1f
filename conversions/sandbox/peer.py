"""Base class of the local peers: the rules of one platform, served on this machine."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from conversions.sandbox.effects import Effects
from leadworth.clock import Clock

ACTIONS = {"lead": "101", "qualified": "102", "won": "103"}


@dataclass(frozen=True)
class Call:
    """An HTTP request."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def bearer(self) -> str:
        """Return the bearer token, or empty text."""
        return self.headers.get("authorization", "").removeprefix("Bearer").strip()


@dataclass(frozen=True)
class Reply:
    """An HTTP response."""

    status: int
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """Return the content as bytes; JSON unless it is text."""
        if self.content is None:
            return b""
        return self.content.encode() if isinstance(self.content, str) else json.dumps(self.content).encode()


Handler = Callable[[Call], Reply]
Unary = Callable[[Any, Any], Any]
"""A gRPC method: takes the request and its context; returns the response, or the violations that it is refused for."""


@dataclass(frozen=True)
class GrpcMethod:
    """One method of a gRPC service."""

    service: str
    name: str
    call: Unary
    request: Any
    response: Any


class PeerHost(Protocol):
    """Servers that peers run in, and the state that they share."""

    fails: float

    @property
    def clock(self) -> Clock:
        """Return the time that counts as now for the age of an event."""

    @property
    def http_address(self) -> str:
        """Address of the HTTP server."""

    @property
    def grpc_address(self) -> str:
        """Address of the gRPC server."""

    def of(self, name: str) -> Effects:
        """Return what a platform holds."""


class Peer(ABC):
    """Rules of one platform.

    Parameters
    ----------
    sandbox
        The servers that this peer is part of.

    Attributes
    ----------
    name
        Name of the platform's folder.
    spoilt
        Changes to a payload for which the platform refuses it; the contract battery applies them.
    """

    name: ClassVar[str]
    spoilt: Mapping[str, Any]

    def __init__(self, sandbox: PeerHost) -> None:
        self.sandbox = sandbox

    @classmethod
    def is_available(cls) -> bool:
        """Return whether the packages that the peer needs are installed."""
        return True

    @property
    def effects(self) -> Effects:
        """What the platform holds."""
        return self.sandbox.of(self.name)

    @abstractmethod
    def settings(self) -> Mapping[str, Any]:
        """Return the settings with which leadworth sends to this peer."""

    def paths(self) -> Mapping[str, Handler]:
        """Return the HTTP handlers by the beginning of the path."""
        return {}

    def grpc_methods(self) -> Iterable[GrpcMethod]:
        """Return the methods served over gRPC."""
        return ()
