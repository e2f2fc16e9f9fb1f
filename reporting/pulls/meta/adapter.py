"""Meta: spend of campaigns by day and country, by the Insights edge of the Marketing API.

Long ranges are prepared as a report, which is waited for. Money is text in whole units of the account's currency.
Clicks are those on a link: Meta's `clicks` counts likes and comments too. Actions are not read: one event comes under
several names with the same number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from leadworth.connection_context import ConnectionContext
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from reporting.imports.import_rows import SpendRow
from reporting.pulls.answer_values import (
    CollectedRows,
    UnreadableValueError,
    read_country,
    read_day,
    read_money,
    read_optional_count,
)
from reporting.pulls.http_source import HttpReportSource
from reporting.pulls.meta.settings import MetaSourceSection
from reporting.pulls.pull_errors import PullRefusedError
from reporting.pulls.pull_http import PullHttp
from reporting.pulls.report_polling import wait_for
from reporting.pulls.report_source import FetchedDays, ReportSource, SourceAccount

if TYPE_CHECKING:
    import httpx2

HOST = "https://graph.facebook.com"
FIELDS = (
    "account_currency,account_id,campaign_id,campaign_name,spend,impressions,clicks,inline_link_clicks,"
    "date_start,date_stop"
)
REPORT_ATTEMPTS = 3
_BUSY = {4, 17, 32, 613, 80000, 80003, 80004}
_UNAUTHORISED = {10, 102, 190, 200}


class MetaSource(HttpReportSource[MetaSourceSection]):
    """Adapter of the Marketing API."""

    name = "meta"

    def account(self, account_id: str) -> SourceAccount:
        """Return currency and time zone of an ad account; see `ReportSource.account`."""
        content = self.http.json("GET", f"act_{account_id}", params={"fields": "account_id,currency,timezone_name"})
        return SourceAccount(account_id, str(content["currency"]), str(content["timezone_name"]))

    def fetch(self, account: SourceAccount, first: date, last: date) -> Sequence[FetchedDays]:
        """Return spend by campaign, day and country; see `ReportSource.fetch`.

        The total comes from a request for the account as a whole, which counts deleted campaigns too.
        """
        span = {"time_range": json.dumps({"since": first.isoformat(), "until": last.isoformat()})}
        params = {"level": "campaign", "time_increment": "1", "fields": FIELDS, "breakdowns": "country", **span}
        if (last - first).days < self.section.direct_days:
            records = self._pages(f"act_{account.account_id}/insights", params)
        else:
            records = self._pages(f"{self._report(account, params)}/insights", {})
        collected = CollectedRows()
        collected.add(records, lambda record: _row(record, account))
        total = self._pages(f"act_{account.account_id}/insights", {"level": "account", "fields": "spend", **span})
        spend = sum((read_money(record["spend"]) for record in total), Decimal(0))
        return [self.days("spend", account, first, last, collected, source_total=spend)]

    def _report(self, account: SourceAccount, params: dict[str, str]) -> str:
        """Return the id of a report that is ready; one that fails is started again."""
        for _ in range(REPORT_ATTEMPTS):
            started = self.http.json("POST", f"act_{account.account_id}/insights", params=params)
            run = str(started["report_run_id"])
            if wait_for(partial(self._state, run), self.section.report_seconds):
                return run
        raise UnansweredError(f"the report failed {REPORT_ATTEMPTS} times")

    def _state(self, run: str) -> bool | None:
        """Return whether a report is ready (True) or failed (False); None while it runs."""
        content = self.http.json("GET", run, params={"fields": "async_status,async_percent_completion"})
        status = content.get("async_status")
        if status in ("Job Failed", "Job Skipped"):
            return False
        return True if status == "Job Completed" and content.get("async_percent_completion") == 100 else None

    def _pages(self, path: str, params: dict[str, str]) -> Iterator[Any]:
        """Yield the records of all pages. The address of the next page would hold the token, so the cursor is sent."""
        query = {**params, "limit": str(self.section.page_rows)}
        while True:
            content = self.http.json("GET", path, params=query)
            yield from content["data"]
            paging = content.get("paging", {})
            if "next" not in paging:
                return
            query["after"] = str(paging["cursors"]["after"])


def connect(section: MetaSourceSection, context: ConnectionContext) -> ReportSource[MetaSourceSection]:
    """Return the source that the settings describe."""
    headers = {"Authorization": f"Bearer {section.token.get_secret_value()}"}
    base = f"{section.endpoint or HOST}/{section.version}"
    return MetaSource(section, PullHttp(context.http, base, lambda: headers, check=_check))


def _row(record: Any, account: SourceAccount) -> SpendRow:
    day = read_day(record["date_start"])
    if record["date_stop"] != record["date_start"]:
        raise UnreadableValueError("it is of several days")
    return SpendRow(
        platform=MetaSource.name,
        account_id=account.account_id,
        campaign_id=str(record["campaign_id"]),
        campaign_name=str(record["campaign_name"]),
        network="",
        country=read_country(record.get("country")),
        day=day,
        currency=str(record["account_currency"]),
        cost=read_money(record["spend"]),
        impressions=read_optional_count(record.get("impressions")),
        clicks=read_optional_count(record.get("inline_link_clicks", "0")),
    )


def _check(answer: httpx2.Response) -> None:
    """Raise the error that Meta names by a number in the answer."""
    if answer.status_code < 400:
        return
    try:
        error = answer.json()["error"]
        number, transient = int(error["code"]), bool(error.get("is_transient"))
    except (ValueError, KeyError, TypeError):
        raise PullRefusedError(f"HTTP {answer.status_code}") from None
    code = f"{number}/{error.get('error_subcode', '')}".rstrip("/")
    if number in _BUSY:
        raise BusyError(code)
    if number in _UNAUTHORISED:
        raise UnauthorisedError(code)
    if transient or number == 2:
        raise UnansweredError(code)
    raise PullRefusedError(code)
