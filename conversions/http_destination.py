"""Base classes of the adapters for HTTP APIs."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from conversions.delivery_results import DeliveryResult, Payload, accepted
from conversions.destination import Destination
from leadworth.platform_section import ApiSection

if TYPE_CHECKING:
    import httpx2

    from leadworth.http_client import HttpClient

SectionT = TypeVar("SectionT", bound=ApiSection)


class HttpDestination(Destination, Generic[SectionT]):
    """A platform with an HTTP API.

    Parameters
    ----------
    section
        Settings of the platform.
    http
        HTTP client.

    Attributes
    ----------
    host
        Address of the platform, which `endpoint` in the settings replaces.
    """

    host: ClassVar[str]

    def __init__(self, section: SectionT, http: HttpClient) -> None:
        super().__init__(section.actions.named())
        self.section, self.http = section, http
        self.address = section.endpoint or self.host

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


class JsonDestination(HttpDestination[SectionT]):
    """A platform with an HTTP API that takes a batch as one JSON document."""

    @abstractmethod
    def url(self) -> str:
        """Return the address that events are posted to."""

    def headers(self) -> Mapping[str, str]:
        """Return the headers of a request, besides Content-Type."""
        return {}

    @abstractmethod
    def document(self, batch: Sequence[Payload]) -> Mapping[str, Any]:
        """Return the JSON document of a batch."""

    @abstractmethod
    def results(self, answer: httpx2.Response, batch: Sequence[Payload]) -> Sequence[DeliveryResult]:
        """Return the result of each payload; see `Destination.send`."""

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send a batch; see `Destination.send`."""
        content = json.dumps(self.document(batch)).encode()
        if dry_run:
            return accepted(batch)
        answer = self.http.post(self.url(), content, {"Content-Type": "application/json", **self.headers()})
        return self.results(answer, batch)
