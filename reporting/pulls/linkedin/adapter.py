"""LinkedIn: spend of campaigns by day, by the adAnalytics finder.

An answer has no pages, so a range whose answer may be cut off is halved. It is also empty where the token has no
access, so the account is looked up first. Clicks are those that lead to the site, not all on the ad.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from leadworth.connection_context import ConnectionContext
from reporting.imports.import_rows import SpendRow
from reporting.pulls.answer_values import (
    CollectedRows,
    UnreadableValueError,
    read_money,
    read_optional_count,
)
from reporting.pulls.http_source import HttpReportSource
from reporting.pulls.linkedin.settings import LinkedInSourceSection
from reporting.pulls.pull_errors import PullRefusedError
from reporting.pulls.pull_http import PullHttp
from reporting.pulls.report_source import FetchedDays, ReportSource, SourceAccount

HOST = "https://api.linkedin.com"
FIELDS = "pivotValues,dateRange,costInLocalCurrency,impressions,clicks,landingPageClicks,oneClickLeads"
NAMES_PER_PAGE = 1_000
_TUNNEL = {"Content-Type": "application/x-www-form-urlencoded", "X-HTTP-Method-Override": "GET"}


class LinkedInSource(HttpReportSource[LinkedInSourceSection]):
    """Adapter of the Marketing API."""

    name = "linkedin"

    def __init__(self, section: LinkedInSourceSection, http: PullHttp) -> None:
        super().__init__(section, http)
        self._names: dict[str, dict[str, str]] = {}

    def account(self, account_id: str) -> SourceAccount:
        """Return the currency of an ad account; see `ReportSource.account`."""
        content = self.http.json("GET", f"rest/adAccounts/{account_id}")
        return SourceAccount(account_id, str(content["currency"]), self.section.zone)

    def fetch(self, account: SourceAccount, first: date, last: date) -> Sequence[FetchedDays]:
        """Return spend by campaign and day; see `ReportSource.fetch`."""
        collected = CollectedRows()
        names = self._campaigns(account)
        collected.add(self._elements(account, first, last), lambda element: _row(element, account, names))
        return [self.days("spend", account, first, last, collected)]

    def _elements(self, account: SourceAccount, first: date, last: date) -> list[Any]:
        """Return the elements of a range, in halves where one answer may be cut off."""
        elements: list[Any] = self._analytics(_query(account, first, last))["elements"]
        if len(elements) < self.section.most_rows:
            return elements
        if first == last:
            raise PullRefusedError(f"{first} has more rows than the {self.section.most_rows:,} of one answer")
        middle = first + timedelta(days=(last - first).days // 2)
        return [
            *self._elements(account, first, middle),
            *self._elements(account, middle + timedelta(days=1), last),
        ]

    def _analytics(self, query: str) -> dict[str, Any]:
        """Send a query; one that is too long for an address is sent again as a body (query tunnelling)."""
        answer = self.http.request("GET", f"rest/adAnalytics?{query}", own={414})
        if answer.status_code == 414:
            return self.http.json("POST", "rest/adAnalytics", content=query.encode(), headers=_TUNNEL)
        content: dict[str, Any] = answer.json()
        return content

    def _campaigns(self, account: SourceAccount) -> dict[str, str]:
        """Return the names of the campaigns of an account by id, of any state; read once."""
        if account.account_id not in self._names:
            names: dict[str, str] = {}
            params = {"q": "search", "pageSize": str(NAMES_PER_PAGE)}
            while True:
                content = self.http.json("GET", f"rest/adAccounts/{account.account_id}/adCampaigns", params=params)
                names |= {str(campaign["id"]): str(campaign["name"]) for campaign in content["elements"]}
                following = content.get("metadata", {}).get("nextPageToken")
                if not following:
                    break
                params["pageToken"] = str(following)
            self._names[account.account_id] = names
        return self._names[account.account_id]


def connect(section: LinkedInSourceSection, context: ConnectionContext) -> ReportSource[LinkedInSourceSection]:
    """Return the source that the settings describe."""
    headers = {
        "Authorization": f"Bearer {section.token.get_secret_value()}",
        "LinkedIn-Version": section.version,
        "X-Restli-Protocol-Version": "2.0.0",
    }
    return LinkedInSource(section, PullHttp(context.http, section.endpoint or HOST, lambda: headers))


def _query(account: SourceAccount, first: date, last: date) -> str:
    """Return the query in Rest.li's notation, whose brackets and commas are not escaped."""
    start, end = (f"(year:{day.year},month:{day.month},day:{day.day})" for day in (first, last))
    urn = quote(f"urn:li:sponsoredAccount:{account.account_id}", safe="")
    return (
        f"q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY&dateRange=(start:{start},end:{end})"
        f"&accounts=List({urn})&fields={FIELDS}"
    )


def _row(element: Any, account: SourceAccount, names: dict[str, str]) -> SpendRow:
    [urn] = element["pivotValues"]
    campaign = str(urn).rpartition(":")[2]
    return SpendRow(
        platform=LinkedInSource.name,
        account_id=account.account_id,
        campaign_id=campaign,
        campaign_name=names.get(campaign, campaign),
        network="",
        country="",
        day=_day(element["dateRange"]["start"]),
        currency=account.currency,
        cost=read_money(element["costInLocalCurrency"]),
        impressions=read_optional_count(element.get("impressions")),
        clicks=read_optional_count(element.get("landingPageClicks")),
    )


def _day(parts: Any) -> date:
    try:
        return date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    except (TypeError, ValueError):
        raise UnreadableValueError("the day cannot be read") from None
