"""Local peer of the Data API of Google Analytics 4, which the official client calls over HTTP.

Requests and answers are those of Google's own types, so a field that does not exist fails here as there.
"""

from __future__ import annotations

import base64
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from leadworth.connection_context import is_installed
from leadworth.fault_injection import Faults
from reporting.pulls.pull_peer import PullPeer, SourceCall, SourceHandler, json_reply
from reporting.pulls.simulated_days import DAYS, Sums

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from starlette.responses import Response

MOST_DIMENSIONS, MOST_METRICS, MOST_ROWS = 9, 10, 250_000
OTHER = "(other)"
SERVICE_ACCOUNT = "leadworth@sandbox.iam.gserviceaccount.com"
_TAGS = (
    ("Paid Search", "google", "cpc", "120001", "Brand"),
    ("Organic Search", "google", "organic", "(not set)", "(organic)"),
    ("Direct", "(direct)", "(none)", "(not set)", "(direct)"),
    ("Email", "newsletter", "email", "(not set)", "November & more"),
)


@dataclass(frozen=True)
class SessionLine:
    """Sessions of one source and country on one day."""

    day: date
    tags: tuple[str, str, str, str, str]
    country: str
    sessions: int
    engaged: int
    users: int
    views: int
    seconds: int
    key_events: int


class AnalyticsPeer(PullPeer):
    """Rules of the Data API.

    Attributes
    ----------
    lines
        Sessions by source, country and day.
    most_groups
        Rows of one request from which small ones are put into "(other)".
    sampled_days, thresholded_days
        Days whose reports are sampled, or leave out small numbers of people.
    """

    name = "ga4"
    account_id = "334455667"

    def __init__(self, last_day: date) -> None:
        super().__init__(last_day)
        draw = random.Random(9)
        self.access_token = ""
        self.most_groups = 50
        self.sampled_days: set[date] = set()
        self.thresholded_days: set[date] = set()
        self._ids = count(1)
        self._key_file = Path()
        self.lines = [
            SessionLine(
                last_day - timedelta(days=offset),
                tags,
                country,
                sessions,
                sessions // 2,
                sessions - sessions // 5,
                sessions * 3,
                sessions * 47,
                sessions // 30,
            )
            for offset in range(DAYS)
            for tags in _TAGS
            for country in ("IT", "DE", "(not set)")
            if (sessions := draw.randint(-60, 900)) > 0
        ]

    @classmethod
    def is_available(cls) -> bool:
        """Return whether the client of the Data API is installed."""
        return is_installed("google.analytics.data_v1beta")

    @contextmanager
    def serve(self, faults: Faults | None = None) -> Iterator[Mapping[str, Any]]:
        """Serve until the block ends, with the key file of a service account."""
        with tempfile.TemporaryDirectory() as folder:
            self._key_file = Path(folder) / "key.json"
            with super().serve(faults) as settings:
                yield settings

    def settings(self, address: str) -> Mapping[str, Any]:
        """Return the settings with which leadworth connects to this peer."""
        from cryptography.hazmat.primitives import serialization

        pem = _account_key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        key = {"type": "service_account", "client_email": SERVICE_ACCOUNT, "private_key": pem.decode()}
        self._key_file.write_text(json.dumps({**key, "token_uri": f"{address}/token"}), encoding="utf-8")
        return {"endpoint": address, "accounts": [self.account_id], "credentials": str(self._key_file), "page_rows": 7}

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return Google's answer to too many requests."""
        return 429, {}, json.dumps(_error(429, "RESOURCE_EXHAUSTED")).encode()

    def refusal(self, call: SourceCall) -> Response | None:
        """Refuse another access token, except at the token endpoint."""
        if b"grant_type" in call.body or call.headers.get("authorization") == f"Bearer {self.access_token}":
            return None
        return json_reply(_error(401, "UNAUTHENTICATED"), 401)

    def endpoints(self) -> Iterable[tuple[str, str, SourceHandler]]:
        """Return token endpoint, metadata and reports."""
        yield "POST", "/token", self._sign_in
        yield "GET", "/v1beta/properties/{property}/metadata", self._metadata
        yield "POST", "/v1beta/properties/{property}:runReport", self._report

    def restate(self, day: date) -> None:
        """Change the figures of a day."""
        self.lines = [replace(line, sessions=line.sessions + 1) if line.day == day else line for line in self.lines]

    def clear(self, day: date) -> None:
        """Remove everything of a day."""
        self.lines = [line for line in self.lines if line.day != day]

    def sums(self) -> Sums:
        """Return sessions, engaged sessions, views and seconds by day."""
        sums: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
        for line in self.lines:
            for name, value in (
                ("sessions", line.sessions),
                ("engaged_sessions", line.engaged),
                ("views", line.views),
                ("session_seconds", line.seconds),
            ):
                sums[name, line.day] += value
        return sums

    def _sign_in(self, call: SourceCall) -> Response:
        """Give a token for an assertion that the service account signed; `token` other than at the start revokes it."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        assertion = parse_qs(call.body.decode())["assertion"][0]
        signed, _, signature = assertion.rpartition(".")
        claims = json.loads(_decoded(signed.partition(".")[2]))
        try:
            _account_key().public_key().verify(
                _decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return json_reply({"error": "invalid_grant"}, 400)
        if claims["iss"] != SERVICE_ACCOUNT or self.token != f"{self.name}-sandbox-token":
            return json_reply({"error": "invalid_grant"}, 400)
        self.access_token = f"analytics-access-{next(self._ids)}"
        return json_reply({"access_token": self.access_token, "expires_in": 3600, "token_type": "Bearer"})

    def _metadata(self, call: SourceCall) -> Response:
        from google.analytics.data_v1beta import types

        del call
        line = self.lines[0] if self.lines else None
        metadata = types.Metadata(
            dimensions=[{"api_name": name} for name in (*_dimensions(line), "browser")],
            metrics=[{"api_name": name} for name in (*_metrics(()), "newUsers")],
        )
        return _reply(types.Metadata, metadata)

    def _report(self, call: SourceCall) -> Response:
        from google.analytics.data_v1beta import types

        if call.parts["property"] != self.account_id:
            return json_reply(_error(403, "PERMISSION_DENIED"), 403)
        request = types.RunReportRequest.from_json(call.body.decode())
        dimensions, metrics = ([item.name for item in items] for items in (request.dimensions, request.metrics))
        if len(dimensions) > MOST_DIMENSIONS or len(metrics) > MOST_METRICS or request.limit > MOST_ROWS:
            return json_reply(_error(400, "INVALID_ARGUMENT"), 400)
        if set(dimensions) - set(_dimensions(None)) or set(metrics) - set(_metrics(())):
            return json_reply(_error(400, "INVALID_ARGUMENT"), 400)
        [span] = request.date_ranges
        first, last = (self._day(text) for text in (span.start_date, span.end_date))
        lines = [line for line in self.lines if first <= line.day <= last]
        groups: dict[tuple[str, ...], list[SessionLine]] = defaultdict(list)
        for line in lines:
            groups[tuple(_dimensions(line)[name] for name in dimensions)].append(line)
        lost = dimensions and len(groups) > self.most_groups
        if lost:
            groups = self._with_other(groups, dimensions)
        ordered = sorted(groups.items())
        start, limit = request.offset, request.limit or 10_000
        days = {first + timedelta(days=offset) for offset in range((last - first).days + 1)}
        report = types.RunReportResponse(
            rows=[_row(keys, group, metrics) for keys, group in ordered[start : start + limit]],
            totals=[_row((), lines, metrics)] if request.metric_aggregations else [],
            row_count=len(ordered),
            metadata={
                "currency_code": self.currency,
                "time_zone": self.zone,
                "data_loss_from_other_row": bool(lost),
                "subject_to_thresholding": bool(days & self.thresholded_days),
                "sampling_metadatas": [{"samples_read_count": 620, "sampling_space_size": 1_000}]
                if days & self.sampled_days
                else [],
            },
        )
        return _reply(types.RunReportResponse, report)

    def _with_other(
        self, groups: Mapping[tuple[str, ...], list[SessionLine]], dimensions: Sequence[str]
    ) -> dict[tuple[str, ...], list[SessionLine]]:
        """Return the largest groups, and the rest of each day in one group."""
        ordered = sorted(groups.items(), key=lambda item: -sum(line.sessions for line in item[1]))
        kept: dict[tuple[str, ...], list[SessionLine]] = defaultdict(list, ordered[: self.most_groups])
        for keys, lines in ordered[self.most_groups :]:
            names = zip(dimensions, keys, strict=True)
            kept[tuple(value if name == "date" else OTHER for name, value in names)] += lines
        return kept

    def _day(self, text: str) -> date:
        return self.last_day if text == "yesterday" else date.fromisoformat(text)


PEER = AnalyticsPeer


@cache
def _account_key() -> RSAPrivateKey:
    """Return the key of the service account, one for the process: making it takes a while."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _dimensions(line: SessionLine | None) -> dict[str, str]:
    """Return dimension -> value of a line; None: the names only."""
    channel, source, medium, campaign, name = line.tags if line else ("",) * 5
    return {
        "date": line.day.strftime("%Y%m%d") if line else "",
        "sessionDefaultChannelGroup": channel,
        "sessionSource": source,
        "sessionMedium": medium,
        "sessionCampaignId": campaign,
        "sessionCampaignName": name,
        "countryId": line.country if line else "",
    }


def _metrics(lines: Iterable[SessionLine]) -> dict[str, int]:
    lines = list(lines)
    return {
        "sessions": sum(line.sessions for line in lines),
        "engagedSessions": sum(line.engaged for line in lines),
        "totalUsers": sum(line.users for line in lines),
        "screenPageViews": sum(line.views for line in lines),
        "userEngagementDuration": sum(line.seconds for line in lines),
        "keyEvents": sum(line.key_events for line in lines),
    }


def _row(keys: tuple[str, ...], lines: list[SessionLine], metrics: Sequence[str]) -> dict[str, Any]:
    values = _metrics(lines)
    return {
        "dimension_values": [{"value": key} for key in keys],
        "metric_values": [{"value": str(values[name])} for name in metrics],
    }


def _reply(kind: Any, message: Any) -> Response:
    from starlette.responses import Response

    return Response(kind.to_json(message), 200, {}, "application/json")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _error(status: int, name: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": name, "status": name}}
