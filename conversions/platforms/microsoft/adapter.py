"""Microsoft Advertising: offline conversions, and adjustments that restate or retract them.

The service is SOAP; elements come in the order of the WSDL, which is alphabetical. Click, goal name and time identify
a conversion: sent again, it is ignored.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent, EventKind, PersonIdentifiers
from conversions.delivery_errors import RowsRefusedError, no_identifiers
from conversions.delivery_results import DeliveryResult, Payload, accepted
from conversions.destination import Destination
from conversions.http_destination import HttpDestination
from conversions.identifier_normalisation import Normaliser, sha256
from conversions.platforms.microsoft.settings import MicrosoftSection
from leadworth.connection_context import ConnectionContext
from leadworth.http_client import HttpClient
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from leadworth.oauth import OAuth2Token, refresh_form
from store.event_state import EventState

NORMALISER = Normaliser()
SCOPE = "https://ads.microsoft.com/msads.manage offline_access"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_ROUTES = {
    "conversions": ("ApplyOfflineConversions", "OfflineConversion"),
    "adjustments": ("ApplyOfflineConversionAdjustments", "OfflineConversionAdjustment"),
}
_ADJUSTMENTS = {EventKind.RESTATEMENT: "Restate", EventKind.RETRACTION: "Retract"}
_BUSY = {"CallRateExceeded", "InternalError", "OfflineConversionApplyFailed", "117", "207"}
_UNAUTHORISED = {"105", "106", "109", "AuthenticationTokenExpired", "InvalidCredentials", "UserIsNotAuthorized"}


class MicrosoftDestination(HttpDestination[MicrosoftSection]):
    """Adapter of Microsoft Advertising."""

    name = "microsoft"
    host: ClassVar[str] = "https://campaign.api.bingads.microsoft.com"
    limits = Capabilities(
        batch=1_000,
        window=timedelta(days=90),
        from_click=True,
        restate=timedelta(days=90),
        retract=True,
        consents=False,
    )

    def __init__(self, section: MicrosoftSection, http: HttpClient) -> None:
        super().__init__(section, http)
        self._namespace = f"https://bingads.microsoft.com/CampaignManagement/{section.version}"
        secret = section.client_secret.get_secret_value()
        refresh = section.refresh_token.get_secret_value()
        self._tokens = OAuth2Token(http, section.login, lambda: refresh_form(section.client, secret, refresh, SCOPE))

    def plan(self, event: ConversionEvent) -> Payload:
        """Return an offline conversion or an adjustment; see `Destination.plan`."""
        keys = {
            "ConversionName": self.actions[event.stage],
            "ConversionTime": _time(event.happened_at),
            **_identifiers(event.identity),
        }
        if event.kind is EventKind.CONVERSION:
            value = {"ConversionCurrencyCode": event.currency, "ConversionValue": float(event.value)}
            return Payload(event.transaction_id, "conversions", {**value, **keys})
        change: dict[str, Any] = {
            "AdjustmentType": _ADJUSTMENTS[event.kind],
            "AdjustmentTime": _time(event.updated_at),
        }
        if event.kind is EventKind.RESTATEMENT:
            change |= {"AdjustmentCurrencyCode": event.currency, "AdjustmentValue": float(event.value)}
        return Payload(event.transaction_id, "adjustments", {**change, **keys})

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send a batch; see `Destination.send`."""
        operation, element = _ROUTES[batch[0].route]
        bodies = [payload.body for payload in batch]
        if dry_run:
            self.envelope(operation, element, bodies, token="")
            return accepted(batch)
        try:
            document = self._call(operation, element, bodies)
        except UnauthorisedError:  # nothing was accepted: the token may have been revoked before its end
            self._tokens.forget()
            document = self._call(operation, element, bodies)
        refused = dict(_partial(document))
        return [_result(refused.get(position)) for position in range(len(batch))]

    def _call(self, operation: str, element: str, bodies: Sequence[Mapping[str, Any]]) -> ET.Element:
        """Send a request; return the document of the answer."""
        content = self.envelope(operation, element, bodies, self._tokens.token())
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation}"'}
        path = f"Api/Advertiser/CampaignManagement/{self.section.version}/CampaignManagementService.svc"
        answer = self.http.post(f"{self.address}/{path}", content, headers, own={500})  # 500: a SOAP fault
        try:
            document = ET.fromstring(answer.content)
        except ET.ParseError:
            raise UnansweredError("not XML") from None
        if document.find(f".//{{{SOAP}}}Fault") is not None:
            raise _delivery_error(list(_codes(document)))
        if answer.status_code >= 300:
            raise UnansweredError(f"HTTP {answer.status_code}")
        return document

    def envelope(self, operation: str, element: str, bodies: Sequence[Mapping[str, Any]], token: str) -> bytes:
        """Return the SOAP request, its elements in the order of the WSDL."""
        ET.register_namespace("s", SOAP)
        root = ET.Element(f"{{{SOAP}}}Envelope")
        head = ET.SubElement(root, f"{{{SOAP}}}Header")
        fields = {
            "Action": operation,
            "AuthenticationToken": token,
            "CustomerAccountId": self.section.account,
            "CustomerId": self.section.customer,
            "DeveloperToken": self.section.developer_token.get_secret_value(),
        }
        for name, text in fields.items():
            ET.SubElement(head, self._tag(name)).text = text
        request = ET.SubElement(ET.SubElement(root, f"{{{SOAP}}}Body"), self._tag(f"{operation}Request"))
        elements = ET.SubElement(request, self._tag(f"{element}s"))
        for body in bodies:
            row = ET.SubElement(elements, self._tag(element))
            for name in sorted(body):
                if body[name] is not None:
                    ET.SubElement(row, self._tag(name)).text = str(body[name])
        document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        return document

    def _tag(self, name: str) -> str:
        return f"{{{self._namespace}}}{name}"


def connect(section: MicrosoftSection, context: ConnectionContext) -> Destination:
    """Return the destination that the settings describe."""
    return MicrosoftDestination(section, context.http)


def _identifiers(identity: PersonIdentifiers) -> dict[str, Any]:
    """Return the click id, or else the hashed person.

    Raises
    ------
    EventRejected
        Where there is neither.
    """
    if click := identity.platform_ids.get("msclkid"):
        return {"MicrosoftClickId": click}
    person = {
        "HashedEmailAddress": sha256(NORMALISER.email(identity.email)),
        "HashedPhoneNumber": sha256(NORMALISER.phone(identity.phone, identity.region)),
    }
    if not any(person.values()):
        raise no_identifiers("Microsoft's click id, a valid e-mail address, a valid phone number")
    return person


def _time(moment: datetime) -> str:
    """Return a moment as xs:dateTime in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


def _partial(document: ET.Element) -> Iterator[tuple[int, str]]:
    """Yield position and code of each partial error; the errors are not in the order of the batch."""
    for error in document.iter():
        if _plain(error.tag) == "BatchError":
            parts = {_plain(part.tag): part.text or "" for part in error}
            yield int(parts["Index"]), parts.get("ErrorCode") or parts.get("Code", "refused")


def _codes(document: ET.Element) -> Iterator[str]:
    """Yield the codes of a fault, those that say most first: `faultcode` names only the side that failed."""
    for name in ("ErrorCode", "Code", "faultcode"):
        for part in document.iter():
            if _plain(part.tag) == name and part.text:
                yield part.text


def _delivery_error(codes: Sequence[str]) -> Exception:
    code = next(iter(codes), "fault")
    if _UNAUTHORISED & set(codes):
        return UnauthorisedError(code)
    if _BUSY & set(codes):
        return BusyError(code)
    return RowsRefusedError({}, code)


def _result(code: str | None) -> DeliveryResult:
    if code is None:
        return DeliveryResult(EventState.ACCEPTED)
    return DeliveryResult(EventState.RETRY if code in _BUSY else EventState.REJECTED, code)
