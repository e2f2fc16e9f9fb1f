"""Microsoft Advertising: offline conversions, and adjustments that restate or retract them.

The service is SOAP; its elements stand in the order of the WSDL, which is that of the alphabet. A click,
a goal's name and a time make one conversion: sent again, they are ignored.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from conversions.destination import (
    BusyError,
    Capabilities,
    ConversionEvent,
    DeliveryResult,
    EventKind,
    EventRejected,
    Payload,
    ReceiptStatus,
    RowsRefusedError,
    UnansweredError,
    UnauthorisedError,
)
from conversions.http_client import HttpClient
from conversions.identifier_normalisation import MICROSOFT, sha256
from conversions.oauth import OAuth2Token
from leadworth.export_settings import MicrosoftExport
from store.event_state import EventState

SCOPE = "https://ads.microsoft.com/msads.manage offline_access"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_CLICK = re.compile(r"[0-9a-fA-F]{32}")
_ROUTES = {
    "conversions": ("ApplyOfflineConversions", "OfflineConversion"),
    "adjustments": ("ApplyOfflineConversionAdjustments", "OfflineConversionAdjustment"),
}
_ADJUSTMENTS = {EventKind.RESTATEMENT: "Restate", EventKind.RETRACTION: "Retract"}
_BUSY = {"CallRateExceeded", "InternalError", "OfflineConversionApplyFailed", "117", "207"}
_UNAUTHORISED = {"105", "106", "109", "AuthenticationTokenExpired", "InvalidCredentials", "UserIsNotAuthorized"}


class MicrosoftDestination:
    """The destination.

    Parameters
    ----------
    settings
        Of `[export.microsoft]`.
    http
        The client.
    """

    name = "microsoft"

    def __init__(self, settings: MicrosoftExport, http: HttpClient) -> None:
        self.actions = settings.actions.named()
        days = timedelta(days=90)
        self.limits = Capabilities(
            batch=1_000, window=days, from_click=True, restate=days, retract=True, consents=False
        )  # fmt: skip
        path = f"Api/Advertiser/CampaignManagement/{settings.version}/CampaignManagementService.svc"
        self._url = f"{settings.endpoint or 'https://campaign.api.bingads.microsoft.com'}/{path}"
        self._space = f"https://bingads.microsoft.com/CampaignManagement/{settings.version}"
        self._settings, self._http = settings, http
        self._tokens = OAuth2Token(
            http, settings.login, settings.client, settings.client_secret, settings.refresh_token, SCOPE
        )

    def plan(self, event: ConversionEvent) -> Payload:
        """Return the event as Microsoft reads it; see `Destination.plan`."""
        identity = event.identity
        click = identity.msclkid if _CLICK.fullmatch(identity.msclkid or "") else None
        who: dict[str, Any] = {"MicrosoftClickId": click}
        if click is None:
            who = {
                "HashedEmailAddress": sha256(MICROSOFT.email(identity.email)),
                "HashedPhoneNumber": sha256(MICROSOFT.phone(identity.phone, identity.region)),
            }
            if not any(who.values()):
                raise EventRejected(
                    "no-identifiers",
                    "neither Microsoft's click id nor a valid e-mail address or phone",
                    EventState.SUPPRESSED,
                )
        named = {"ConversionName": self.actions[event.stage], "ConversionTime": _time(event.happened_at)}
        if event.kind is EventKind.CONVERSION:
            worth = {"ConversionCurrencyCode": event.currency, "ConversionValue": float(event.value)}
            return Payload(event.transaction_id, "conversions", {**worth, **named, **who})
        change: dict[str, Any] = {
            "AdjustmentType": _ADJUSTMENTS[event.kind],
            "AdjustmentTime": _time(event.updated_at),
        }
        if event.kind is EventKind.RESTATEMENT:
            change |= {"AdjustmentCurrencyCode": event.currency, "AdjustmentValue": float(event.value)}
        return Payload(event.transaction_id, "adjustments", {**change, **named, **who})

    def validate(self, payload: Payload) -> None:
        """Let everything through: the tests hold what `plan` makes against the WSDL."""

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send a batch; see `Destination.send`."""
        operation, element = _ROUTES[batch[0].route]
        if dry_run:
            self.envelope(operation, element, [row.body for row in batch], token="")
            return [DeliveryResult(EventState.ACCEPTED)] * len(batch)
        content = self.envelope(operation, element, [row.body for row in batch], self._tokens.token())
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation}"'}
        answer = self._http.post(self._url, content, headers, own={500})  # 500: a fault of SOAP
        try:
            told = ET.fromstring(answer.content)
        except ET.ParseError:
            raise UnansweredError("not XML") from None
        if told.find(f".//{{{SOAP}}}Fault") is not None:
            raise _meaning(list(_codes(told)))
        if answer.status_code >= 300:
            raise UnansweredError(f"HTTP {answer.status_code}")
        refused = dict(_partial(told))
        return [_outcome(refused.get(position)) for position in range(len(batch))]

    def reconcile(self, receipt: str) -> ReceiptStatus | None:
        """Return None: Microsoft cannot be asked."""

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def envelope(self, operation: str, element: str, bodies: Sequence[Mapping[str, Any]], token: str) -> bytes:
        """Return the SOAP request; elements in the order of the WSDL."""
        ET.register_namespace("s", SOAP)
        root = ET.Element(f"{{{SOAP}}}Envelope")
        head = ET.SubElement(root, f"{{{SOAP}}}Header")
        for name, text in (
            ("Action", operation), ("AuthenticationToken", token), ("CustomerAccountId", self._settings.account),
            ("CustomerId", self._settings.customer),
            ("DeveloperToken", self._settings.developer_token.get_secret_value()),
        ):  # fmt: skip
            ET.SubElement(head, self._tag(name)).text = text
        request = ET.SubElement(ET.SubElement(root, f"{{{SOAP}}}Body"), self._tag(f"{operation}Request"))
        listed = ET.SubElement(request, self._tag(f"{element}s"))
        for body in bodies:
            row = ET.SubElement(listed, self._tag(element))
            for name in sorted(body):
                if body[name] is not None:
                    ET.SubElement(row, self._tag(name)).text = str(body[name])
        written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        return written

    def _tag(self, name: str) -> str:
        return f"{{{self._space}}}{name}"


def _time(moment: datetime) -> str:
    """Return a moment as xs:dateTime in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


def _partial(told: ET.Element) -> Iterator[tuple[int, str]]:
    """Yield position and code of each partial error; the list is not in the order of the batch."""
    for error in told.iter():
        if _plain(error.tag) == "BatchError":
            parts = {_plain(part.tag): part.text or "" for part in error}
            yield int(parts["Index"]), parts.get("ErrorCode") or parts.get("Code", "refused")


def _codes(told: ET.Element) -> Iterator[str]:
    for part in told.iter():
        if _plain(part.tag) in {"ErrorCode", "Code", "faultcode"} and part.text:
            yield part.text


def _meaning(codes: Sequence[str]) -> Exception:
    code = next(iter(codes), "fault")
    if _UNAUTHORISED & set(codes):
        return UnauthorisedError(code)
    if _BUSY & set(codes):
        return BusyError(code)
    return RowsRefusedError({}, code)


def _outcome(code: str | None) -> DeliveryResult:
    if code is None:
        return DeliveryResult(EventState.ACCEPTED)
    return DeliveryResult(EventState.RETRY if code in _BUSY else EventState.REJECTED, code)
