"""TikTok: spend of campaigns by day, by the integrated report of the Business API.

The answer is 200 with a code of its own; only 0 is success. Pages are no snapshot: rows may move between them while
they are read, so the rows of all pages are compared with the number that the answer names, and read again where they
differ.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from leadworth.connection_context import ConnectionContext
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from reporting.imports.import_rows import SpendRow
from reporting.pulls.answer_values import CollectedRows, read_day, read_money, read_optional_count
from reporting.pulls.http_source import HttpReportSource
from reporting.pulls.pull_errors import PullRefusedError
from reporting.pulls.pull_http import PullHttp
from reporting.pulls.report_source import FetchedDays, ReportSource, SourceAccount
from reporting.pulls.tiktok.settings import TikTokSourceSection

if TYPE_CHECKING:
    import httpx2

HOST = "https://business-api.tiktok.com"
_BUSY = {40100, 40016, 50000, 50002}
_UNAUTHORISED = {40001, 40102, 40104, 40105}


class TikTokSource(HttpReportSource[TikTokSourceSection]):
    """Adapter of the Business API."""

    name = "tiktok"

    def account(self, account_id: str) -> SourceAccount:
        """Return currency and time zone of an advertiser; see `ReportSource.account`."""
        params = {
            "advertiser_ids": json.dumps([account_id]),
            "fields": json.dumps(["currency", "timezone", "display_timezone"]),
        }
        advertisers = self.http.json("GET", "advertiser/info/", params=params)["data"]["list"]
        if not advertisers:
            raise PullRefusedError(f"no advertiser {account_id}")
        zones = [advertisers[0].get(name) for name in ("display_timezone", "timezone")]
        zone = next((str(zone) for zone in zones if zone in available_timezones()), None)
        if zone is None:
            raise UnansweredError("the advertiser's time zone is not an IANA name")
        return SourceAccount(account_id, str(advertisers[0]["currency"]), zone)

    def fetch(self, account: SourceAccount, first: date, last: date) -> Sequence[FetchedDays]:
        """Return spend by campaign and day; see `ReportSource.fetch`."""
        for _ in range(self.section.repeats):
            records, total = self._pages(account, first, last)
            keys = {(record["dimensions"]["campaign_id"], record["dimensions"]["stat_time_day"]) for record in records}
            if len(records) == len(keys) == total:
                collected = CollectedRows()
                collected.add(records, lambda record: _row(record, account))
                return [self.days("spend", account, first, last, collected)]
        raise UnansweredError(f"rows moved between the pages {self.section.repeats} times; repeat the pull")

    def _pages(self, account: SourceAccount, first: date, last: date) -> tuple[list[Any], int]:
        """Return the records of all pages, and their number as the last page names it."""
        params = {
            "advertiser_id": account.account_id,
            "report_type": "BASIC",
            "data_level": "AUCTION_CAMPAIGN",
            "dimensions": json.dumps(["campaign_id", "stat_time_day"]),
            "metrics": json.dumps(["campaign_name", "spend", "impressions", "clicks"]),
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
            "page_size": str(self.section.page_rows),
        }
        records: list[Any] = []
        page = 1
        while True:
            data = self.http.json("GET", "report/integrated/get/", params={**params, "page": str(page)})["data"]
            records += data["list"]
            info = data["page_info"]
            if page >= int(info["total_page"]):
                return records, int(info["total_number"])
            page += 1


def connect(section: TikTokSourceSection, context: ConnectionContext) -> ReportSource[TikTokSourceSection]:
    """Return the source that the settings describe."""
    headers = {"Access-Token": section.token.get_secret_value()}
    base = f"{section.endpoint or HOST}/open_api/{section.version}"
    return TikTokSource(section, PullHttp(context.http, base, lambda: headers, check=_check))


def _row(record: Any, account: SourceAccount) -> SpendRow:
    dimensions, metrics = record["dimensions"], record["metrics"]
    return SpendRow(
        platform=TikTokSource.name,
        account_id=account.account_id,
        campaign_id=str(dimensions["campaign_id"]),
        campaign_name=str(metrics["campaign_name"]),
        network="",
        country="",
        day=read_day(dimensions["stat_time_day"], "%Y-%m-%d %H:%M:%S"),
        currency=account.currency,
        cost=read_money(metrics["spend"]),
        impressions=read_optional_count(metrics["impressions"]),
        clicks=read_optional_count(metrics["clicks"]),
    )


def _check(answer: httpx2.Response) -> None:
    """Raise the error that TikTok names by a number in the answer."""
    if answer.status_code >= 400:
        raise PullRefusedError(f"HTTP {answer.status_code}")
    try:
        code = answer.json()["code"]
    except (ValueError, KeyError, TypeError):
        raise UnansweredError("no code in the answer") from None
    if code in _BUSY:
        raise BusyError(str(code))
    if code in _UNAUTHORISED:
        raise UnauthorisedError(str(code))
    if code != 0:
        raise PullRefusedError(str(code))
