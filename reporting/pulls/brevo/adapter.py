"""Brevo: counts of campaigns by the day of dispatch, by the API v3.

Opens are those of recipients without privacy protection; trackable are the deliveries that Apple's proxy did not open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from leadworth.connection_context import ConnectionContext
from reporting.pulls.answer_values import UnreadableValueError, read_count
from reporting.pulls.brevo.settings import BrevoSection
from reporting.pulls.campaign_counts import EMAIL_COUNTS, collect_campaigns, day_of_dispatch
from reporting.pulls.http_source import HttpReportSource
from reporting.pulls.pull_http import PullHttp
from reporting.pulls.report_source import FetchedDays, ReportSource, SourceAccount

HOST = "https://api.brevo.com"


class BrevoSource(HttpReportSource[BrevoSection]):
    """Adapter of the API v3."""

    name = "brevo"

    def account(self, account_id: str) -> SourceAccount:
        """Return the account; see `ReportSource.account`."""
        self.http.json("GET", "account")
        return SourceAccount(account_id, "", self.section.zone)

    def fetch(self, account: SourceAccount, first: date, last: date) -> Sequence[FetchedDays]:
        """Return the counts of the campaigns sent; see `ReportSource.fetch`."""
        collected = collect_campaigns(
            self._campaigns(first, last), lambda campaign: _counts(campaign, account.zone), account, first, last
        )
        return [self.days("metrics", account, first, last, collected, covers=EMAIL_COUNTS)]

    def _campaigns(self, first: date, last: date) -> Iterator[Any]:
        """Yield the campaigns of all pages, with a day on both sides because the zone may differ."""
        params = {
            "status": "sent",
            "statistics": "globalStats",
            "excludeHtmlContent": "true",
            "startDate": f"{first - timedelta(days=1)}T00:00:00.000Z",
            "endDate": f"{last + timedelta(days=2)}T00:00:00.000Z",
            "limit": str(self.section.page_rows),
        }
        offset = 0
        while True:
            content = self.http.json("GET", "emailCampaigns", params={**params, "offset": str(offset)})
            campaigns = content.get("campaigns", [])
            yield from campaigns
            offset += len(campaigns)
            if not campaigns or offset >= int(content["count"]):
                return


def connect(section: BrevoSection, context: ConnectionContext) -> ReportSource[BrevoSection]:
    """Return the source that the settings describe."""
    headers = {"api-key": section.token.get_secret_value(), "Accept": "application/json"}
    return BrevoSource(section, PullHttp(context.http, f"{section.endpoint or HOST}/v3", lambda: headers))


def _counts(campaign: Any, zone: str) -> tuple[date, str, Mapping[str, int | None]]:
    stats = campaign["statistics"]["globalStats"]
    delivered, opens = read_count(stats["delivered"]), read_count(stats["trackableViews"])
    trackable = delivered - read_count(stats["appleMppOpens"]) if "appleMppOpens" in stats else None
    if opens > delivered:
        raise UnreadableValueError("it has more opens than deliveries")
    counts: dict[str, int | None] = {
        "email_sent": read_count(stats["sent"]),
        "email_delivered": delivered,
        "email_trackable": trackable,
        "email_opens": None if trackable is None else opens,
        "email_clicks": read_count(stats["uniqueClicks"]),
        "email_unsubscribes": read_count(stats["unsubscriptions"]),
        "email_complaints": read_count(stats["complaints"]),
    }
    return day_of_dispatch(campaign["sentDate"], zone), str(campaign["name"]), counts
