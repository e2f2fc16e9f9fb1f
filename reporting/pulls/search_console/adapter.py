"""Google Search Console: clicks and impressions without cost, by day, and apart by query and country.

The queries are the top ones only, so the totals of a day are fetched without them. Only final data are read. Days are
of Pacific time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from leadworth.connection_context import ConnectionContext
from leadworth.http_errors import BusyError, UnauthorisedError
from leadworth.oauth import OAuth2Token, refresh_form
from reporting.imports.import_rows import MetricRow, QueryRow
from reporting.pulls.answer_values import CollectedRows, days_of, read_count, read_country, read_day
from reporting.pulls.http_source import HttpReportSource
from reporting.pulls.pull_errors import PullRefusedError
from reporting.pulls.pull_http import PullHttp
from reporting.pulls.report_source import FetchedDays, ReportSource, SourceAccount
from reporting.pulls.search_console.settings import SearchConsoleSection

if TYPE_CHECKING:
    import httpx2

HOST = "https://searchconsole.googleapis.com"
TOTALS = {"clicks": "organic_clicks", "impressions": "organic_impressions"}
"""Field of an answer -> metric of a day."""
_QUOTA = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}


class SearchConsoleSource(HttpReportSource[SearchConsoleSection]):
    """Adapter of the Search Analytics API."""

    name = "search_console"

    def account(self, account_id: str) -> SourceAccount:
        """Return a property; see `ReportSource.account`."""
        content = self.http.json("GET", f"sites/{quote(account_id, safe='')}")
        if content.get("permissionLevel") == "siteUnverifiedUser":
            raise UnauthorisedError("siteUnverifiedUser")
        return SourceAccount(account_id, "", self.section.zone)

    def fetch(self, account: SourceAccount, first: date, last: date) -> Sequence[FetchedDays]:
        """Return the totals of the days, and their queries; see `ReportSource.fetch`."""
        queries = CollectedRows()
        queries.add(self._rows(account, first, last, ["date", "query", "country"]), lambda row: _query(row, account))
        totals = CollectedRows()
        days = {row["keys"][0]: row for row in self._rows(account, first, last, ["date"])}
        totals.add(
            [(day, field) for day in days_of(first, last) for field in TOTALS],
            lambda pair: _total(pair[0], pair[1], days.get(pair[0].isoformat(), {}), account),
        )
        return [
            self.days("metrics", account, first, last, totals, covers=tuple(TOTALS.values())),
            self.days(
                "queries", account, first, last, queries, covers=("organic",), quality=_coverage(queries, totals)
            ),
        ]

    def _rows(self, account: SourceAccount, first: date, last: date, dimensions: list[str]) -> Iterator[Any]:
        """Yield the rows of all pages."""
        body = {
            "startDate": first.isoformat(),
            "endDate": last.isoformat(),
            "dimensions": dimensions,
            "dataState": "final",
            "type": "web",
            "rowLimit": self.section.page_rows,
        }
        start = 0
        while True:
            path = f"sites/{quote(account.account_id, safe='')}/searchAnalytics/query"
            rows = self.http.json("POST", path, body={**body, "startRow": start}).get("rows", [])
            yield from rows
            start += len(rows)
            if len(rows) < self.section.page_rows:
                return


def connect(section: SearchConsoleSection, context: ConnectionContext) -> ReportSource[SearchConsoleSection]:
    """Return the source that the settings describe."""
    secret, refresh = section.client_secret.get_secret_value(), section.refresh_token.get_secret_value()
    token = OAuth2Token(context.http, section.login, lambda: refresh_form(section.client, secret, refresh))
    http = PullHttp(
        context.http,
        f"{section.endpoint or HOST}/webmasters/v3",
        lambda: {"Authorization": f"Bearer {token.token()}"},
        renew=token.forget,
        check=_check,
        own={403},
    )
    return SearchConsoleSource(section, http)


def _query(row: Any, account: SourceAccount) -> QueryRow:
    day, query, country = row["keys"]
    return QueryRow(
        account_id=account.account_id,
        kind="organic",
        day=read_day(day),
        query=str(query),
        country=read_country(country),
        clicks=read_count(row["clicks"]),
        impressions=read_count(row["impressions"]),
        cost=None,
        currency="",
    )


def _total(day: date, field: str, row: Any, account: SourceAccount) -> MetricRow:
    return MetricRow(TOTALS[field], account.account_id, day, "", read_count(row.get(field, 0)))


def _coverage(queries: CollectedRows, totals: CollectedRows) -> str:
    """Return which part of the clicks the queries explain; Google leaves rare queries out."""
    listed = sum(row.clicks for row in queries.rows if isinstance(row, QueryRow))
    clicks = sum(row.count for row in totals.rows if isinstance(row, MetricRow) and row.name == TOTALS["clicks"])
    return f"top queries, {listed / clicks:.0%} of the clicks" if clicks > listed else ""


def _check(answer: httpx2.Response) -> None:
    """Raise the error of an answer; 403 is a quota or a missing right."""
    if answer.status_code < 400:
        return
    try:
        reason = str(answer.json()["error"]["errors"][0]["reason"])
    except (ValueError, KeyError, TypeError, IndexError):
        reason = f"HTTP {answer.status_code}"
    if reason in _QUOTA:
        raise BusyError(reason)
    raise (UnauthorisedError if answer.status_code == 403 else PullRefusedError)(reason)
