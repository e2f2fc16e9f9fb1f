"""The platforms that speak HTTP: Meta, LinkedIn, TikTok, Microsoft and the Measurement Protocol."""

from __future__ import annotations

import json
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import TypeAdapter, ValidationError

from conversions.sandbox import payload_schemas
from conversions.sandbox.effects import Effects

META_AGE, LINKEDIN_AGE, GA4_AGE = 7 * 86_400, 90 * 86_400, 72 * 3_600
MOST = {"meta": 1_000, "linkedin": 5_000, "tiktok": 1_000, "microsoft": 1_000}
_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
_meta = TypeAdapter(payload_schemas.MetaEvent)
_linkedin = TypeAdapter(payload_schemas.LinkedInEvent)
_tiktok = TypeAdapter(payload_schemas.TikTokEvent)
_ga4 = TypeAdapter(payload_schemas.Ga4Body)


@dataclass(frozen=True)
class Call:
    """A request."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """Return the content as bytes; JSON unless it is text."""
        if self.content is None:
            return b""
        return self.content.encode() if isinstance(self.content, str) else json.dumps(self.content).encode()


Handler = Callable[[Call, Effects], Reply]


def meta(call: Call, effects: Effects) -> Reply:
    """Take all events of a request or none."""
    if not call.headers.get("authorization", "").removeprefix("Bearer").strip():
        return _meta_refusal(190, "no token", effects, 401)
    data = json.loads(call.body).get("data", [])
    if not 0 < len(data) <= MOST["meta"]:
        return _meta_refusal(100, "too many events", effects)
    try:
        events = [_meta.validate_python(one) for one in data]
    except ValidationError:
        return _meta_refusal(100, "invalid parameter", effects)
    now = time.time()
    for event in events:
        if not now - META_AGE < event.event_time < now + 60:
            return _meta_refusal(2804003, "event too old", effects)
        user = event.user_data
        if not (user.em or user.ph or user.fbc or user.fbp or user.lead_id):
            return _meta_refusal(2804050, "no customer information", effects)
    for event in events:
        effects.take(f"{event.event_name}|{event.event_id}", event.custom_data.value)
    return Reply(200, {"events_received": len(events), "messages": [], "fbtrace_id": "A"})


def _meta_refusal(subcode: int, why: str, effects: Effects, status: int = 400) -> Reply:
    effects.refused[why] += 1
    code = 190 if status == 401 else 100
    return Reply(status, {"error": {"message": why, "code": code, "error_subcode": subcode, "is_transient": False}})


def linkedin(call: Call, effects: Effects) -> Reply:
    """Take each element on its own."""
    if not call.headers.get("authorization", "").removeprefix("Bearer").strip():
        return Reply(401, {"message": "no token", "status": 401})
    needed = {"x-restli-method": "BATCH_CREATE", "x-restli-protocol-version": "2.0.0"}
    if (
        any(call.headers.get(name) != value for name, value in needed.items())
        or not call.headers.get("linkedin-version", "").isdigit()
    ):
        return Reply(400, {"message": "headers are missing", "status": 400})
    listed = json.loads(call.body).get("elements", [])
    if not 0 < len(listed) <= MOST["linkedin"]:
        return Reply(400, {"message": "too many elements", "status": 400})
    return Reply(200, {"elements": [_linkedin_element(one, effects) for one in listed]})


def _linkedin_element(given: Any, effects: Effects) -> dict[str, Any]:
    try:
        event = _linkedin.validate_python(given)
    except ValidationError:
        effects.refused["invalid element"] += 1
        return {"status": 400, "error": {"message": "invalid element"}}
    if time.time() - event.conversionHappenedAt / 1000 > LINKEDIN_AGE:
        effects.refused["too old"] += 1
        return {"status": 400, "error": {"message": "too old"}}
    effects.take(f"{event.conversion.rpartition(':')[2]}|{event.eventId}", float(event.conversionValue.amount))
    return {"status": 201}


def tiktok(call: Call, effects: Effects) -> Reply:
    """Answer 200 whatever happens; a code says what did."""
    if not call.headers.get("access-token"):
        return Reply(200, {"code": 40105, "message": "no token"})
    content = json.loads(call.body)
    data = content.get("data", [])
    if content.get("event_source") != "crm" or not 0 < len(data) <= MOST["tiktok"]:
        effects.refused["invalid request"] += 1
        return Reply(200, {"code": 40002, "message": "invalid request"})
    try:
        events = [_tiktok.validate_python(one) for one in data]
    except ValidationError:
        effects.refused["invalid parameter"] += 1
        return Reply(200, {"code": 40002, "message": "invalid parameter"})
    for event in events:
        effects.take(f"{event.event}|{event.event_id}", event.properties.value)
    return Reply(200, {"code": 0, "message": "OK", "request_id": "R"})


def ga4(call: Call, effects: Effects) -> Reply:
    """Answer 204 whatever comes, and count every repetition."""
    asked = parse_qs(urlsplit(call.path).query)
    try:
        body = _ga4.validate_json(call.body)
    except ValidationError:
        effects.refused["invalid body"] += 1
        return Reply(204)
    if "api_secret" not in asked or time.time() - int(body.timestamp_micros) / 1e6 > GA4_AGE:
        effects.refused["not counted"] += 1
        return Reply(204)
    for event in body.events:
        value = event.params.get("value")
        key = f"{event.name}|{body.client_id}"
        effects.take(key, float(value) if value is not None else None, repeats="counted")
    return Reply(204)


def token(call: Call, effects: Effects) -> Reply:
    """Give an access token for a refresh token."""
    effects.said["tokens"] += 1
    if parse_qs(call.body.decode()).get("refresh_token", [""])[0] in ("", "revoked"):
        return Reply(400, {"error": "invalid_grant"})
    return Reply(200, {"access_token": "of-the-sandbox", "expires_in": 3600})


def microsoft(call: Call, effects: Effects) -> Reply:
    """Take each element of a SOAP request on its own; elements must stand in the order of the WSDL."""
    root = ET.fromstring(call.body)
    head, body = root.find(f"{_SOAP}Header"), root.find(f"{_SOAP}Body")
    named = {_plain(one.tag): one.text for one in head} if head is not None else {}
    if not (named.get("AuthenticationToken") and named.get("DeveloperToken") and named.get("CustomerAccountId")):
        return _fault("105", "InvalidCredentials")
    if body is None or len(body) != 1:
        return _fault("100", "InvalidRequest")
    operation = _plain(body[0].tag).removesuffix("Request")
    rows = list(body[0][0])
    if len(rows) > MOST["microsoft"]:
        return _fault("OfflineConversionsLimitExceeded", "OfflineConversionsLimitExceeded")
    adjusts = operation == "ApplyOfflineConversionAdjustments"
    errors = []
    for index, row in enumerate(rows):
        code = _microsoft_row(row, adjusts, effects)
        if code:
            effects.refused[code] += 1
            errors.append(f"<BatchError><Code>0</Code><ErrorCode>{code}</ErrorCode><Index>{index}</Index></BatchError>")
    space = body[0].tag.partition("}")[0].removeprefix("{")
    inner = (
        f'<{operation}Response xmlns="{space}"><PartialErrors>{"".join(errors)}</PartialErrors></{operation}Response>'
    )
    return _soap(200, inner)


def _microsoft_row(row: ET.Element, adjusts: bool, effects: Effects) -> str | None:
    names = [_plain(one.tag) for one in row]
    if names != sorted(names):
        return "InvalidOrderOfElements"
    parts = {_plain(one.tag): one.text or "" for one in row}
    who = parts.get("MicrosoftClickId") or parts.get("HashedEmailAddress") or parts.get("HashedPhoneNumber")
    if not who:
        return "OfflineConversionMicrosoftClickIdNullOrEmpty"
    if not parts.get("ConversionTime", "").endswith("Z"):
        return "OfflineConversionTimeInvalid"
    key = f"{parts.get('ConversionName')}|{who}|{parts['ConversionTime']}"
    if not adjusts:
        if len(parts.get("ConversionCurrencyCode", "")) != 3:
            return "OfflineConversionCurrencyCodeInvalid"
        effects.take(key, float(parts["ConversionValue"]))
        return None
    if key not in effects.values:
        return "OfflineConversionNotFound"
    value = float(parts["AdjustmentValue"]) if parts["AdjustmentType"] == "Restate" else None
    effects.take(key, value, repeats="replaced")
    return None


def _fault(code: str, name: str) -> Reply:
    detail = (
        f"<AdApiFaultDetail><Errors><AdApiError><Code>{code}</Code><ErrorCode>{name}</ErrorCode></AdApiError></Errors>"
        "</AdApiFaultDetail>"
    )
    return _soap(500, f"<s:Fault><faultcode>s:Server</faultcode><detail>{detail}</detail></s:Fault>")


def _soap(status: int, inner: str) -> Reply:
    text = f'<s:Envelope xmlns:s="{_SOAP.strip("{}")}"><s:Body>{inner}</s:Body></s:Envelope>'
    return Reply(status, text, {"Content-Type": "text/xml; charset=utf-8"})


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


PATHS: dict[str, tuple[str, Handler]] = {
    "/open_api/": ("tiktok", tiktok),
    "/rest/conversionEvents": ("linkedin", linkedin),
    "/Api/Advertiser/": ("microsoft", microsoft),
    "/token": ("token", token),
    "/mp/collect": ("ga4", ga4),
    "/v2": ("meta", meta),
}
"""Beginning of the path -> whose it is."""
