"""Local peer of Microsoft Advertising: it accepts or refuses each element of a SOAP request, and issues tokens."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from conversions.sandbox.payload_schemas import CLOCK_SECONDS, HASH
from conversions.sandbox.peer import ACTIONS, Call, Handler, Peer, Reply
from leadworth.money import is_currency

MAX_ROWS = 1_000
TOKEN = "of-the-sandbox"
WINDOW = timedelta(days=90)
_CLICK = re.compile(r"[0-9a-fA-F]{32}")
_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"


class MicrosoftPeer(Peer):
    """Rules of Microsoft Advertising."""

    name = "microsoft"
    spoilt: Mapping[str, Any] = {"ConversionCurrencyCode": "EURO"}

    def settings(self) -> Mapping[str, Any]:
        """Return the settings with which leadworth sends to this peer."""
        address = self.sandbox.http_address
        return {
            "endpoint": address,
            "account": "1",
            "customer": "2",
            "actions": ACTIONS,
            "login": f"{address}/token",
            "refresh_token": "sandbox",
            "developer_token": "sandbox",
        }

    def paths(self) -> Mapping[str, Handler]:
        """Return the handlers of the SOAP service and of its tokens."""
        return {"/Api/Advertiser/": self.accept, "/token": self.issue_token}

    def issue_token(self, call: Call) -> Reply:
        """Return an access token for a refresh token."""
        self.effects.counters["tokens"] += 1
        if parse_qs(call.body.decode()).get("refresh_token", [""])[0] in ("", "revoked"):
            return Reply(400, {"error": "invalid_grant"})
        return Reply(200, {"access_token": TOKEN, "expires_in": 3600})

    def accept(self, call: Call) -> Reply:
        """Return the partial errors of a request; elements must come in the order of the WSDL."""
        root = ET.fromstring(call.body)
        head = root.find(f"{_SOAP}Header")
        body = root.find(f"{_SOAP}Body")
        fields = {_local(part.tag): part.text for part in head} if head is not None else {}
        if not (fields.get("AuthenticationToken") and fields.get("DeveloperToken") and fields.get("CustomerAccountId")):
            return _fault("105", "InvalidCredentials")
        if fields["AuthenticationToken"] != TOKEN:
            return _fault("109", "AuthenticationTokenExpired")
        if body is None or len(body) != 1:
            return _fault("100", "InvalidRequest")
        operation = _local(body[0].tag).removesuffix("Request")
        rows = list(body[0][0])
        if len(rows) > MAX_ROWS:
            return _fault("OfflineConversionsLimitExceeded", "OfflineConversionsLimitExceeded")
        errors = []
        for index, row in enumerate(rows):
            if code := self._refusal(row, adjusts=operation == "ApplyOfflineConversionAdjustments"):
                self.effects.refused[code] += 1
                parts = f"<Code>0</Code><ErrorCode>{code}</ErrorCode><Index>{index}</Index>"
                errors.append(f"<BatchError>{parts}</BatchError>")
        namespace = body[0].tag.partition("}")[0].removeprefix("{")
        partial = f"<PartialErrors>{''.join(errors)}</PartialErrors>"
        return _soap(200, f'<{operation}Response xmlns="{namespace}">{partial}</{operation}Response>')

    def _refusal(self, row: ET.Element, *, adjusts: bool) -> str | None:
        """Accept a row, or return the code that it is refused with."""
        names = [_local(part.tag) for part in row]
        if names != sorted(names):
            return "InvalidOrderOfElements"
        parts = {_local(part.tag): part.text or "" for part in row}
        person = parts.get("MicrosoftClickId") or parts.get("HashedEmailAddress") or parts.get("HashedPhoneNumber")
        if not person:
            return "OfflineConversionMicrosoftClickIdNullOrEmpty"
        if code := _id_fault(parts) or _time_fault(parts, self.sandbox.clock(), adjusts=adjusts):
            return code
        key = f"{parts.get('ConversionName')}|{person}|{parts['ConversionTime']}"
        if not adjusts:
            if not is_currency(parts.get("ConversionCurrencyCode", "")):
                return "OfflineConversionCurrencyCodeInvalid"
            self.effects.record(key, float(parts["ConversionValue"]))
            return None
        if key not in self.effects.values:
            return "OfflineConversionNotFound"
        value = float(parts["AdjustmentValue"]) if parts["AdjustmentType"] == "Restate" else None
        self.effects.record(key, value, repeats="replaced")
        return None


def _id_fault(parts: Mapping[str, str]) -> str | None:
    """Return the code for an id that is not of the platform's format."""
    if click := parts.get("MicrosoftClickId"):
        return None if _CLICK.fullmatch(click) else "OfflineConversionMicrosoftClickIdInvalid"
    hashes = (parts.get("HashedEmailAddress"), parts.get("HashedPhoneNumber"))
    return None if all(HASH.fullmatch(text) for text in hashes if text) else "OfflineConversionHashInvalid"


def _time_fault(parts: Mapping[str, str], now: datetime, *, adjusts: bool) -> str | None:
    """Return the code for a time that is not UTC, in the future or outside the window."""
    names = ("ConversionTime", "AdjustmentTime") if adjusts else ("ConversionTime",)
    try:
        times = [datetime.strptime(parts.get(name, ""), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) for name in names]
    except ValueError:
        return "OfflineConversionTimeInvalid"
    if max(times) > now + timedelta(seconds=CLOCK_SECONDS):
        return "FutureConversionTimeCannotBeSet"
    if now - times[0] > WINDOW:
        return "OfflineConversionTimeOutOfWindow"
    return "AdjustmentTimeEarlierThanConversionTime" if times[-1] < times[0] else None


def _fault(code: str, name: str) -> Reply:
    error = f"<AdApiError><Code>{code}</Code><ErrorCode>{name}</ErrorCode></AdApiError>"
    detail = f"<AdApiFaultDetail><Errors>{error}</Errors></AdApiFaultDetail>"
    return _soap(500, f"<s:Fault><faultcode>s:Server</faultcode><detail>{detail}</detail></s:Fault>")


def _soap(status: int, inner: str) -> Reply:
    text = f'<s:Envelope xmlns:s="{_SOAP.strip("{}")}"><s:Body>{inner}</s:Body></s:Envelope>'
    return Reply(status, text, {"Content-Type": "text/xml; charset=utf-8"})


def _local(tag: str) -> str:
    """Return a tag without its namespace."""
    return tag.rpartition("}")[2]


PEER = MicrosoftPeer
