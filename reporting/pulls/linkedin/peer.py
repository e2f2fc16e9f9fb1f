"""Local peer of LinkedIn: adAnalytics of one account, without pages, and the names of its campaigns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reporting.pulls.linkedin.settings import LinkedInSourceSection
from reporting.pulls.pull_peer import SourceCall, SourceHandler, SpendPeer, json_reply
from reporting.pulls.simulated_days import SimulatedCampaign

if TYPE_CHECKING:
    from starlette.responses import Response

VERSIONS = frozenset({LinkedInSourceSection().version})
_DAY = r"\(year:(\d{4}),month:(\d{1,2}),day:(\d{1,2})\)"
_RANGE = re.compile(rf"dateRange=\(start:{_DAY},end:{_DAY}\)")
FIELDS = {
    "pivotValues",
    "dateRange",
    "costInLocalCurrency",
    "impressions",
    "clicks",
    "landingPageClicks",
    "oneClickLeads",
}
MOST_FIELDS = 20


class LinkedInPullPeer(SpendPeer):
    """Rules of the Marketing API.

    Attributes
    ----------
    has_access
        Whether the token may see the account; without access analytics are empty, not refused.
    longest_query
        Characters of a query from which the address is too long.
    most_rows
        Rows after which an answer is cut off.
    """

    name = "linkedin"
    account_id = "507070707"
    currency = "USD"
    zone = "UTC"
    campaigns = (
        SimulatedCampaign("310001", "Heads of production"),
        SimulatedCampaign("310002", "Total Care"),
        SimulatedCampaign("310003", "Webinar | Q4"),
    )

    def __init__(self, last_day: date) -> None:
        super().__init__(last_day)
        self.has_access = True
        self.longest_query = 4_000
        self.most_rows = 15_000

    def settings(self, address: str) -> Mapping[str, Any]:
        """Return the settings with which leadworth connects to this peer."""
        return {"endpoint": address, "accounts": [self.account_id], "token": self.token}

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return an answer to too many requests."""
        return (
            429,
            {"Retry-After": f"{self.limit.wait_seconds():.2f}"},
            json.dumps({"status": 429, "code": "TOO_MANY_REQUESTS"}).encode(),
        )

    def refusal(self, call: SourceCall) -> Response | None:
        """Refuse another token, version or protocol."""
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return json_reply({"status": 401, "code": "REVOKED_ACCESS_TOKEN"}, 401)
        if call.headers.get("linkedin-version") not in VERSIONS:
            return json_reply({"status": 426, "code": "NONEXISTENT_VERSION"}, 426)
        if call.headers.get("x-restli-protocol-version") != "2.0.0":
            return json_reply({"status": 400, "code": "BAD_PROTOCOL"}, 400)
        return None

    def endpoints(self) -> Iterable[tuple[str, str, SourceHandler]]:
        """Return account, campaigns and analytics."""
        yield "GET", f"/rest/adAccounts/{self.account_id}", self._account
        yield "GET", f"/rest/adAccounts/{self.account_id}/adCampaigns", self._campaigns
        yield "GET POST", "/rest/adAnalytics", self._analytics

    def _account(self, call: SourceCall) -> Response:
        del call
        if not self.has_access:
            return json_reply({"status": 403, "code": "ACCESS_DENIED"}, 403)
        return json_reply({"id": int(self.account_id), "currency": self.currency, "status": "ACTIVE"})

    def _campaigns(self, call: SourceCall) -> Response:
        """Return one campaign a page: names come by cursor, analytics have none."""
        place = int(call.query.get("pageToken", "0"))
        campaign = self.campaigns[place]
        metadata = {"nextPageToken": str(place + 1)} if place + 1 < len(self.campaigns) else {}
        return json_reply(
            {"elements": [{"id": int(campaign.campaign_id), "name": campaign.name}], "metadata": metadata}
        )

    def _analytics(self, call: SourceCall) -> Response:
        tunnelled = call.method == "POST"
        if tunnelled and call.headers.get("x-http-method-override") != "GET":
            return json_reply({"status": 405, "code": "METHOD_NOT_ALLOWED"}, 405)
        query = call.body.decode() if tunnelled else call.raw_query
        if not tunnelled and len(query) > self.longest_query:
            return json_reply({"status": 414, "code": "REQUEST_URI_TOO_LONG"}, 414)
        urn = quote(f"urn:li:sponsoredAccount:{self.account_id}", safe="")
        span = _RANGE.search(query)
        fields = set((re.search(r"fields=([\w,]+)", query) or [""] * 2)[1].split(","))
        wanted = ("q=analytics", "pivot=CAMPAIGN", "timeGranularity=DAILY", f"accounts=List({urn})")
        if span is None or not all(part in query for part in wanted) or fields - FIELDS or len(fields) > MOST_FIELDS:
            return json_reply({"status": 400, "code": "ILLEGAL_ARGUMENT"}, 400)
        numbers = [int(number) for number in span.groups()]
        lines = self.between(date(*numbers[:3]), date(*numbers[3:])) if self.has_access else []
        elements = [
            {
                "pivotValues": [f"urn:li:sponsoredCampaign:{line.campaign.campaign_id}"],
                "dateRange": {"start": _parts(line.day), "end": _parts(line.day)},
                "costInLocalCurrency": f"{line.cost:.2f}",
                "impressions": line.impressions,
                "clicks": line.clicks * 2,
                "landingPageClicks": line.clicks,
                "oneClickLeads": 0,
            }
            for line in lines
            if not line.is_zero
        ]
        return json_reply({"elements": elements[: self.most_rows], "paging": {"count": 10, "start": 0, "links": []}})


PEER = LinkedInPullPeer


def _parts(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}
