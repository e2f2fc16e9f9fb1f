"""Local peer of Mailchimp: reports of the campaigns of one account with two audiences."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from reporting.pulls.pull_peer import SourceCall, SourceHandler, json_reply
from reporting.pulls.simulated_mailings import Mailing, MailingPeer

if TYPE_CHECKING:
    from starlette.responses import Response

MOST_CAMPAIGNS = 1_000


class MailchimpPeer(MailingPeer):
    """Rules of the Marketing API."""

    name = "mailchimp"
    account_id = "a1b2c3d4e5"

    def settings(self, address: str) -> Mapping[str, Any]:
        """Return the settings with which leadworth connects to this peer."""
        return {"endpoint": address, "accounts": [self.account_id], "token": self.token, "page_rows": 4}

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return an answer to too many requests."""
        return (
            429,
            {"Retry-After": f"{self.limit.wait_seconds():.2f}"},
            json.dumps({"status": 429, "title": "Too Many Requests"}).encode(),
        )

    def refusal(self, call: SourceCall) -> Response | None:
        """Refuse another key."""
        _, _, text = call.headers.get("authorization", "").partition("Basic ")
        if base64.b64decode(text).decode().partition(":")[2] == self.token:
            return None
        return json_reply({"status": 401, "title": "API Key Invalid"}, 401)

    def endpoints(self) -> Iterable[tuple[str, str, SourceHandler]]:
        """Return audience and reports."""
        yield "GET", "/3.0/lists/{audience}", self._audience
        yield "GET", "/3.0/reports", self._reports

    def _audience(self, call: SourceCall) -> Response:
        if call.parts["audience"] != self.account_id:
            return json_reply({"status": 404, "title": "Resource Not Found"}, 404)
        return json_reply({"id": self.account_id})

    def _reports(self, call: SourceCall) -> Response:
        number, offset = int(call.query.get("count", "10")), int(call.query.get("offset", "0"))
        if number > MOST_CAMPAIGNS:
            return json_reply({"status": 400, "title": "Invalid Resource"}, 400)
        mailings = self.sent_between(call.query["since_send_time"], call.query["before_send_time"])
        reports = [
            report for mail in mailings for report in (self._report(mail), self._report(mail) | {"list_id": "another"})
        ]
        return json_reply({"reports": reports[offset : offset + number], "total_items": len(reports)})

    def _report(self, mail: Mailing) -> dict[str, Any]:
        return {
            "id": mail.ident,
            "list_id": self.account_id,
            "campaign_title": mail.name,
            "send_time": mail.sent_at.isoformat(),
            "emails_sent": mail.sent,
            "abuse_reports": mail.complaints,
            "unsubscribed": mail.unsubscribes,
            "bounces": {"hard_bounces": mail.hard_bounces, "soft_bounces": mail.soft_bounces, "syntax_errors": 0},
            "opens": {"unique_opens": mail.opens + mail.proxied, "proxy_excluded_unique_opens": mail.opens},
            "clicks": {"clicks_total": mail.clicks * 2, "unique_subscriber_clicks": mail.clicks},
        }


PEER = MailchimpPeer
