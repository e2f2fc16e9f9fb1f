"""Google Analytics 4: sessions by source, medium, campaign and country, by the official client of the Data API.

One day is one request, so that few rows end up in "(other)". What Google says about its own figures (sampling,
thresholds, "(other)") is stored as the quality of a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from leadworth.connection_context import ConnectionContext, require_package
from leadworth.google_sign_in import sign_in, wait_of
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from leadworth.http_retry import attempts
from reporting.imports.import_rows import TrafficRow
from reporting.pulls import pull_http
from reporting.pulls.answer_values import CollectedRows, read_count, read_country, read_day, read_money
from reporting.pulls.ga4.settings import AnalyticsSourceSection
from reporting.pulls.pull_errors import PullRefusedError
from reporting.pulls.report_source import FetchedDays, ReportSource, SourceAccount

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
DIMENSIONS = (
    "date",
    "sessionDefaultChannelGroup",
    "sessionSource",
    "sessionMedium",
    "sessionCampaignId",
    "sessionCampaignName",
    "countryId",
)
METRICS = ("sessions", "engagedSessions", "totalUsers", "screenPageViews", "userEngagementDuration", "keyEvents")
NO_CAMPAIGN = frozenset({"(not set)", "(none)", "(organic)", "(direct)", "(referral)"})
"""Names that GA4 gives to sessions without a campaign."""


class AnalyticsSource(ReportSource[AnalyticsSourceSection]):
    """Adapter of the Data API.

    Parameters
    ----------
    section
        Settings of the source.
    context
        Folder of the settings and timeout.
    """

    name = "ga4"

    def __init__(self, section: AnalyticsSourceSection, context: ConnectionContext) -> None:
        super().__init__(section)
        self._context = context

    def account(self, account_id: str) -> SourceAccount:
        """Return currency and time zone of a property, whose names of dimensions and metrics are checked.

        Raises
        ------
        PullRefusedError
            Where the property does not have a dimension or metric.
        """
        known = self._call("get_metadata", {"name": f"properties/{account_id}/metadata"})
        names = {item.api_name for item in (*known.dimensions, *known.metrics)}
        if missing := sorted({*DIMENSIONS, *METRICS} - names):
            raise PullRefusedError(f"the property has no {', '.join(missing)}")
        report = self._call(
            "run_report",
            {
                "property": f"properties/{account_id}",
                "metrics": [{"name": "sessions"}],
                "date_ranges": [{"start_date": "yesterday", "end_date": "yesterday"}],
            },
        )
        return SourceAccount(account_id, str(report.metadata.currency_code), str(report.metadata.time_zone))

    def fetch(self, account: SourceAccount, first: date, last: date) -> Sequence[FetchedDays]:
        """Return sessions by source, medium, campaign and country; see `ReportSource.fetch`."""
        collected = CollectedRows()
        reports = list(self._pages(account, first, last))
        for report in reports:
            collected.add(report.rows, lambda row: _row(row, account))
        totals = [row.metric_values[0].value for row in reports[0].totals]
        total = read_money(totals[0]) if totals else Decimal(0)
        quality = quality_of(reports[0].metadata)
        return [self.days("traffic", account, first, last, collected, source_total=total, quality=quality)]

    def close(self) -> None:
        """Close the connections."""
        if client := self.__dict__.pop("_client", None):
            client.transport.close()

    def _pages(self, account: SourceAccount, first: date, last: date) -> Iterator[Any]:
        """Yield the answers of all pages.

        Raises
        ------
        UnansweredError
            Where the pages together have another number of rows than they name.
        """
        from google.analytics.data_v1beta.types import MetricAggregation

        rows = 0
        while True:
            report = self._call(
                "run_report",
                {
                    "property": f"properties/{account.account_id}",
                    "dimensions": [{"name": name} for name in DIMENSIONS],
                    "metrics": [{"name": name} for name in METRICS],
                    "date_ranges": [{"start_date": first.isoformat(), "end_date": last.isoformat()}],
                    "metric_aggregations": [MetricAggregation.TOTAL],
                    "order_bys": [{"dimension": {"dimension_name": name}} for name in DIMENSIONS],
                    "limit": self.section.page_rows,
                    "offset": rows,
                },
            )
            yield report
            rows += len(report.rows)
            if rows >= report.row_count:
                return
            if not report.rows:
                raise UnansweredError(f"{rows:,} of {report.row_count:,} rows came")

    def _call(self, method: str, request: dict[str, Any]) -> Any:
        """Call a method of the client, and repeat it while that may help."""
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError, TransportError
        from requests.exceptions import RequestException

        for attempt in attempts(pull_http.WAIT_SECONDS):
            with attempt:
                try:
                    call = getattr(self._client, method)
                    answer = call(request=request, retry=None, timeout=self.section.timeout_seconds)
                except GoogleAPICallError as error:
                    raise _error(error) from None
                except (TransportError, RequestException) as error:
                    raise UnansweredError(type(error).__name__) from None
                except GoogleAuthError as error:
                    raise (UnansweredError if error.retryable else UnauthorisedError)(type(error).__name__) from None
        return answer

    @cached_property
    def _client(self) -> Any:
        from google.analytics.data_v1beta import BetaAnalyticsDataClient
        from google.analytics.data_v1beta.services.beta_analytics_data.transports import BetaAnalyticsDataRestTransport

        key = self.section.credentials
        credentials = sign_in(self._context.resolve(key) if key else None, SCOPE)
        if not self.section.endpoint:
            return BetaAnalyticsDataClient(credentials=credentials, transport="rest")
        scheme, _, host = self.section.endpoint.rpartition("://")
        transport = BetaAnalyticsDataRestTransport(host=host, url_scheme=scheme or "https", credentials=credentials)
        return BetaAnalyticsDataClient(transport=transport)


def connect(section: AnalyticsSourceSection, context: ConnectionContext) -> ReportSource[AnalyticsSourceSection]:
    """Return the source that the settings describe."""
    require_package("google.analytics.data_v1beta", extra="google-analytics")
    return AnalyticsSource(section, context)


def quality_of(metadata: Any) -> str:
    """Return what the metadata of a report say about its figures; empty where they are complete."""
    marks = []
    if metadata.sampling_metadatas:
        read = sum(sample.samples_read_count for sample in metadata.sampling_metadatas)
        space = sum(sample.sampling_space_size for sample in metadata.sampling_metadatas)
        marks.append(f"sampled, {read / max(space, 1):.0%} of events")
    if metadata.subject_to_thresholding:
        marks.append("thresholded")
    if metadata.data_loss_from_other_row:
        marks.append("(other) row")
    return "; ".join(marks)


def _row(row: Any, account: SourceAccount) -> TrafficRow:
    values = dict(zip(DIMENSIONS, (part.value for part in row.dimension_values), strict=True))
    counts = dict(zip(METRICS, (part.value for part in row.metric_values), strict=True))
    return TrafficRow(
        property_id=account.account_id,
        day=read_day(values["date"], "%Y%m%d"),
        source=values["sessionSource"],
        medium=values["sessionMedium"],
        campaign_id=_campaign(values["sessionCampaignId"]),
        campaign_name=_campaign(values["sessionCampaignName"]),
        country=read_country(values["countryId"]),
        channel=values["sessionDefaultChannelGroup"],
        sessions=read_count(counts["sessions"]),
        engaged_sessions=read_count(counts["engagedSessions"]),
        users=read_count(counts["totalUsers"]),
        views=read_count(counts["screenPageViews"]),
        session_seconds=round(read_money(counts["userEngagementDuration"])),
        key_events=round(read_money(counts["keyEvents"])),
    )


def _campaign(text: str) -> str:
    return "" if text in NO_CAMPAIGN else text


def _error(error: Any) -> Exception:
    """Return our error for an error of the official client."""
    from google.api_core import exceptions

    code = str(error.reason or error.grpc_status_code or error.code)
    if isinstance(error, exceptions.Unauthorized | exceptions.Forbidden):
        return UnauthorisedError(code)
    if isinstance(error, exceptions.TooManyRequests):
        return BusyError(code, wait_of(error))
    if isinstance(error, exceptions.ClientError):
        return PullRefusedError(code)
    return UnansweredError(type(error).__name__)
