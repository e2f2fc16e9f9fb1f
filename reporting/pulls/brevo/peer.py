"""Local peer of Brevo: sent campaigns of one account with their statistics."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from reporting.pulls.pull_peer import SourceCall, SourceHandler, json_reply
from reporting.pulls.simulated_mailings import MailingPeer

if TYPE_CHECKING:
    from starlette.responses import Response

MOST_CAMPAIGNS = 100


class BrevoPeer(MailingPeer):
    """Rules of the API v3."""

    name = "brevo"
    account_id = "main"

    def settings(self, address: str) -> Mapping[str, Any]:
        """Return the settings with which leadworth connects to this peer."""
        return {"endpoint": address, "accounts": [self.account_id], "token": self.token, "page_rows": 4}

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return an answer to too many requests."""
        return (
            429,
            {"Retry-After": f"{self.limit.wait_seconds():.2f}"},
            json.dumps({"code": "too_many_requests"}).encode(),
        )

    def refusal(self, call: SourceCall) -> Response | None:
        """Refuse another key."""
        if call.headers.get("api-key") == self.token:
            return None
        return json_reply({"code": "unauthorized", "message": "Key not found"}, 401)

    def endpoints(self) -> Iterable[tuple[str, str, SourceHandler]]:
        """Return account and campaigns."""
        yield "GET", "/v3/account", lambda _: json_reply({"companyName": "Example"})
        yield "GET", "/v3/emailCampaigns", self._campaigns

    def _campaigns(self, call: SourceCall) -> Response:
        limit, offset = int(call.query.get("limit", "50")), int(call.query.get("offset", "0"))
        if limit > MOST_CAMPAIGNS or call.query.get("status") != "sent":
            return json_reply({"code": "out_of_range", "message": "Limit exceeds max value"}, 400)
        mailings = self.sent_between(call.query["startDate"], call.query["endDate"])
        campaigns = [
            {
                "id": int(mail.ident[1:]) + 1,
                "name": mail.name,
                "sentDate": mail.sent_at.isoformat(timespec="milliseconds"),
                "statistics": {
                    "globalStats": {
                        "sent": mail.sent,
                        "delivered": mail.delivered,
                        "hardBounces": mail.hard_bounces,
                        "softBounces": mail.soft_bounces,
                        "uniqueViews": mail.opens + mail.proxied,
                        "trackableViews": mail.opens,
                        "appleMppOpens": mail.proxied,
                        "uniqueClicks": mail.clicks,
                        "clickers": mail.clicks * 2,
                        "unsubscriptions": mail.unsubscribes,
                        "complaints": mail.complaints,
                    }
                },
            }
            for mail in mailings
        ]
        return json_reply({"campaigns": campaigns[offset : offset + limit], "count": len(campaigns)})


PEER = BrevoPeer
