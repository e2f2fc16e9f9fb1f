"""Mailchimp: counts of campaigns by the day of dispatch, by the reports of the Marketing API.

Opens are those that no proxy made, and trackable are the deliveries without a proxy's open: a proxy opens for people
who may never read. Reports that do not tell them apart count no opens.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from leadworth.connection_context import ConnectionContext
from leadworth.errors import ConfigurationError
from reporting.pulls.answer_values import read_count
from reporting.pulls.campaign_counts import EMAIL_COUNTS, collect_campaigns, day_of_dispatch
from reporting.pulls.http_source import HttpReportSource
from reporting.pulls.mailchimp.settings import MailchimpSection
from reporting.pulls.pull_http import PullHttp
from reporting.pulls.report_source import FetchedDays, ReportSource, SourceAccount


class MailchimpSource(HttpReportSource[MailchimpSection]):
    """Adapter of the Marketing API."""

    name = "mailchimp"

    def account(self, account_id: str) -> SourceAccount:
        """Return an audience; see `ReportSource.account`."""
        self.http.json("GET", f"lists/{account_id}", params={"fields": "id"})
        return SourceAccount(account_id, "", self.section.zone)

    def fetch(self, account: SourceAccount, first: date, last: date) -> Sequence[FetchedDays]:
        """Return the counts of the campaigns sent; see `ReportSource.fetch`."""
        reports = [report for report in self._reports(first, last) if report.get("list_id") == account.account_id]
        collected = collect_campaigns(reports, lambda report: _counts(report, account.zone), account, first, last)
        return [self.days("metrics", account, first, last, collected, covers=EMAIL_COUNTS)]

    def _reports(self, first: date, last: date) -> Iterator[Any]:
        """Yield the reports of all pages, with a day on both sides because the zone may differ."""
        params = {
            "since_send_time": f"{first - timedelta(days=1)}T00:00:00+00:00",
            "before_send_time": f"{last + timedelta(days=2)}T00:00:00+00:00",
            "count": str(self.section.page_rows),
        }
        offset = 0
        while True:
            content = self.http.json("GET", "reports", params={**params, "offset": str(offset)})
            yield from content["reports"]
            offset += len(content["reports"])
            if not content["reports"] or offset >= int(content["total_items"]):
                return


def connect(section: MailchimpSection, context: ConnectionContext) -> ReportSource[MailchimpSection]:
    """Return the source that the settings describe.

    Raises
    ------
    ConfigurationError
        Where the key does not name its data centre.
    """
    key = section.token.get_secret_value()
    centre = key.rpartition("-")[2] if "-" in key else ""
    if not section.endpoint and not centre.isalnum():
        raise ConfigurationError(
            "[report.sources.mailchimp] token does not end with a data centre",
            allowed="a key such as 0123...-us21",
            do="copy the whole key, or set endpoint",
        )
    headers = {"Authorization": "Basic " + base64.b64encode(f"leadworth:{key}".encode()).decode()}
    base = f"{section.endpoint or f'https://{centre}.api.mailchimp.com'}/3.0"
    return MailchimpSource(section, PullHttp(context.http, base, lambda: headers))


def _counts(report: Any, zone: str) -> tuple[date, str, Mapping[str, int | None]]:
    bounces, opens = report["bounces"], report["opens"]
    sent = read_count(report["emails_sent"])
    delivered = sent - sum(
        read_count(bounces.get(name, 0)) for name in ("hard_bounces", "soft_bounces", "syntax_errors")
    )
    people = opens.get("proxy_excluded_unique_opens")
    trackable = None if people is None else delivered - (read_count(opens["unique_opens"]) - read_count(people))
    counts: dict[str, int | None] = {
        "email_sent": sent,
        "email_delivered": delivered,
        "email_trackable": trackable,
        "email_opens": None if people is None else read_count(people),
        "email_clicks": read_count(report["clicks"]["unique_subscriber_clicks"]),
        "email_unsubscribes": read_count(report["unsubscribed"]),
        "email_complaints": read_count(report["abuse_reports"]),
    }
    return day_of_dispatch(report["send_time"], zone), str(report["campaign_title"]), counts
