"""Base class of the local CRM peers: the interface of one CRM, served on this machine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
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
    open_stages
        Stages of open deals, in order.
    won_stage, lost_stage
        Stages of closed deals.
    junk_status
        Field of the lead object, and its value for a lead that sales found to be junk.
    company_fields
        Fields of the company object for `name` and `domain`; empty where the CRM has no companies.
    """

    name: ClassVar[str]
    open_stages: ClassVar[tuple[str, ...]]
    won_stage: ClassVar[str]
    lost_stage: ClassVar[str]
    junk_status: ClassVar[tuple[str, str]]
    company_fields: ClassVar[Mapping[str, str]] = {}

    def __init__(self, account: PeerAccount) -> None:
        self.account = account

    @abstractmethod
    def app(self) -> Starlette:
        """Return the application that answers as the CRM does."""

    @abstractmethod
    def settings(self, address: str) -> Mapping[str, str]:
        """Return the settings of `[crm.<name>]` with which leadworth connects to this peer."""

    def create_fields(self, object_name: str, names: Sequence[str]) -> Mapping[str, str]:
        """Create custom text fields as an administrator does, and return name -> name in requests."""
        del object_name
        return {name: name for name in names}

    def lift_limits(self) -> None:  # noqa: B027  (a peer without such limits has nothing to do)
        """Refuse no more requests because of their number, for measurements of speed."""

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body of an answer to too many requests."""
        return 429, {"Retry-After": "0"}, b"{}"
