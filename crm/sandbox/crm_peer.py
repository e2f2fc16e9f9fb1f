"""Base class of the local CRM peers: the interface of one CRM, served on this machine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from crm.sandbox.peer_account import PeerAccount

if TYPE_CHECKING:
    from starlette.applications import Starlette


class CrmPeer(ABC):
    """A CRM account on this machine, with the limits and errors of the CRM.

    Parameters
    ----------
    account
        Records of the account.

    Attributes
    ----------
    name
        Name of the connector's folder.
    """

    name: ClassVar[str]

    def __init__(self, account: PeerAccount) -> None:
        self.account = account

    @abstractmethod
    def app(self) -> Starlette:
        """Return the application that answers as the CRM does."""

    @abstractmethod
    def settings(self, address: str) -> Mapping[str, str]:
        """Return the settings of `[crm.<name>]` with which leadworth connects to this peer."""

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body of an answer to too many requests."""
        return 429, {"Retry-After": "0"}, b"{}"
