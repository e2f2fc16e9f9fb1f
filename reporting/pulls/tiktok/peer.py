"""Local peer of TikTok: integrated reports of one advertiser, whose pages may shift while they are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from reporting.pulls.pull_peer import SourceCall, SourceHandler, SpendPeer, json_reply
from reporting.pulls.simulated_days import SimulatedCampaign
from reporting.pulls.tiktok.settings import TikTokSourceSection

if TYPE_CHECKING:
    from starlette.responses import Response

ROOT = f"/open_api/{TikTokSourceSection().version}"
MOST_DAYS = 30


class TikTokPullPeer(SpendPeer):
    """Rules of the Business API.

    Attributes
    ----------
    shifts
        Reads of a second page before which a row moves from there to the first page, so that it is in no page read.
    """

    name = "tiktok"
    account_id = "7000000000001"
    currency = "EUR"
    campaigns = (
        SimulatedCampaign("1780001", "Short videos"),
        SimulatedCampaign("1780002", "Total Care"),
    )

    def __init__(self, last_day: date) -> None:
        super().__init__(last_day)
        self.shifts = 0

    def settings(self, address: str) -> Mapping[str, Any]:
        """Return the settings with which leadworth connects to this peer."""
        return {"endpoint": address, "accounts": [self.account_id], "token": self.token, "page_rows": 25}

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return TikTok's answer to too many requests, whose status is 200."""
        return 200, {}, json.dumps(_envelope(40100, "Request too frequent")).encode()

    def refusal(self, call: SourceCall) -> Response | None:
        """Refuse another token, with the status 200."""
        if call.headers.get("access-token") == self.token:
            return None
        return json_reply(_envelope(40105, "Access token is incorrect or has been revoked"))

    def endpoints(self) -> Iterable[tuple[str, str, SourceHandler]]:
        """Return advertiser and report."""
        yield "GET", f"{ROOT}/advertiser/info/", self._advertiser
        yield "GET", f"{ROOT}/report/integrated/get/", self._report

    def _advertiser(self, call: SourceCall) -> Response:
        if json.loads(call.query["advertiser_ids"]) != [self.account_id]:
            return json_reply(_envelope(40001, "No permission to operate advertiser"))
        info = {"advertiser_id": self.account_id, "currency": self.currency, "timezone": "Etc/GMT-1"}
        return json_reply(_envelope(0, "OK", {"list": [{**info, "display_timezone": self.zone}]}))

    def _report(self, call: SourceCall) -> Response:
        query = call.query
        first, last = date.fromisoformat(query["start_date"]), date.fromisoformat(query["end_date"])
        wanted = {"report_type": "BASIC", "data_level": "AUCTION_CAMPAIGN", "advertiser_id": self.account_id}
        if any(query.get(name) != value for name, value in wanted.items()):
            return json_reply(_envelope(40002, "this peer serves campaigns of one advertiser"))
        if json.loads(query["dimensions"]) != ["campaign_id", "stat_time_day"]:
            return json_reply(_envelope(40002, "this peer serves campaigns by day"))
        if not 0 <= (last - first).days < MOST_DAYS:
            return json_reply(_envelope(40002, "The time span cannot exceed 30 days"))
        rows = [
            {
                "dimensions": {"campaign_id": line.campaign.campaign_id, "stat_time_day": f"{line.day} 00:00:00"},
                "metrics": {
                    "campaign_name": line.campaign.name,
                    "spend": f"{line.cost:.2f}",
                    "impressions": str(line.impressions),
                    "clicks": str(line.clicks),
                },
            }
            for line in self.between(first, last)
            if not line.is_zero
        ]
        size, page = int(query.get("page_size", "10")), int(query.get("page", "1"))
        if page == 2 and self.shifts and len(rows) > size:
            self.shifts -= 1
            rows.insert(0, rows.pop(size))
        info = {"page": page, "page_size": size, "total_number": len(rows), "total_page": max(-(-len(rows) // size), 1)}
        return json_reply(_envelope(0, "OK", {"list": rows[(page - 1) * size : page * size], "page_info": info}))


PEER = TikTokPullPeer


def _envelope(code: int, message: str, data: Any = None) -> dict[str, Any]:
    return {"code": code, "message": message, "request_id": "20261101", "data": data or {}}
