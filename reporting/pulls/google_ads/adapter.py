"""Google Ads: spend of campaigns by day and network, impression share, and the campaigns of clicks.

Rows of which all metrics are zero are not in an answer, so a missing day is one without spend. An impression share
below 10 % comes as 0.0999: the impressions that were possible are then a bound. The campaign of a click is served for
90 days, one day at a time.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from leadworth.connection_context import ConnectionContext, require_package
from leadworth.errors import ConfigurationError
from leadworth.google_ads_errors import failure_codes
from leadworth.google_sign_in import sign_in, token_error, wait_of
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from leadworth.http_retry import attempts
from reporting.imports.import_rows import SpendRow
from reporting.pulls import pull_http
from reporting.pulls.answer_values import CollectedRows, days_of, read_day
from reporting.pulls.google_ads.settings import GoogleAdsSourceSection
from reporting.pulls.pull_errors import PullRefusedError
from reporting.pulls.report_source import FetchedClick, FetchedDays, ReportSource, SourceAccount

SCOPE = "https://www.googleapis.com/auth/adwords"
ACCOUNT = "SELECT customer.id, customer.currency_code, customer.time_zone FROM customer"
SPEND = (
    "SELECT customer.id, customer.currency_code, campaign.id, campaign.name, campaign.advertising_channel_type, "
    "segments.date, segments.ad_network_type, metrics.cost_micros, metrics.impressions, metrics.clicks, "
    "metrics.invalid_clicks FROM campaign WHERE segments.date BETWEEN '{first}' AND '{last}'"
)
SHARES = (
    "SELECT campaign.id, segments.date, metrics.search_impression_share FROM campaign "
    "WHERE campaign.advertising_channel_type = 'SEARCH' AND segments.date BETWEEN '{first}' AND '{last}'"
)
CLICKS = "SELECT click_view.gclid, campaign.id, segments.date FROM click_view WHERE segments.date = '{day}'"
LEAST_SHARE = 0.1
"""Smaller shares come as 0.0999."""
MICROS = 1_000_000
SEARCH_NETWORKS = ("SEARCH", "SEARCH_PARTNERS")
TYPE_IS_NETWORK = frozenset(
    {"PERFORMANCE_MAX", "DEMAND_GEN", "DISCOVERY", "SMART", "LOCAL", "MULTI_CHANNEL", "SHOPPING"}
)
"""Types of campaigns that say more about the channel than the network does."""
_BUSY = {"RESOURCE_EXHAUSTED", "RESOURCE_TEMPORARILY_EXHAUSTED", "TRANSIENT_ERROR", "INTERNAL_ERROR"}

Shares = dict[tuple[int, str], float]


class GoogleAdsSource(ReportSource[GoogleAdsSourceSection]):
    """Adapter of the Google Ads API.

    Parameters
    ----------
    section
        Settings of the source.
    context
        Folder of the settings and timeout.
    """

    name = "google_ads"

    def __init__(self, section: GoogleAdsSourceSection, context: ConnectionContext) -> None:
        super().__init__(section)
        self._context = context

    def account(self, account_id: str) -> SourceAccount:
        """Return currency and time zone of a customer; see `ReportSource.account`."""
        [[row], _] = self._search(account_id, ACCOUNT)
        return SourceAccount(account_id, str(row.customer.currency_code), str(row.customer.time_zone))

    def fetch(self, account: SourceAccount, first: date, last: date) -> Sequence[FetchedDays]:
        """Return spend by campaign, network and day, and the campaigns of clicks; see `ReportSource.fetch`."""
        records, total = self._search(account.account_id, SPEND.format(first=first, last=last), summary=True)
        shares = self._shares(account, first, last)
        collected = CollectedRows()
        collected.add(records, lambda record: _row(record, account, shares))
        spend = None if total is None else Decimal(total.metrics.cost_micros) / MICROS
        fetched = self.days("spend", account, first, last, collected, source_total=spend)
        return [FetchedDays(fetched.batch, fetched.aside, tuple(self._clicks(account, first, last)))]

    def close(self) -> None:
        """Close the connections."""
        if client := self.__dict__.pop("_client", None):
            client.transport.close()

    def _shares(self, account: SourceAccount, first: date, last: date) -> Shares:
        """Return the impression share by campaign and day, where there is one."""
        records, _ = self._search(account.account_id, SHARES.format(first=first, last=last))
        return {
            (record.campaign.id, record.segments.date): record.metrics.search_impression_share
            for record in records
            if "search_impression_share" in record.metrics
        }

    def _clicks(self, account: SourceAccount, first: date, last: date) -> list[FetchedClick]:
        """Return the campaigns of the clicks of all days for which they are still served."""
        today = datetime.now(UTC).astimezone(ZoneInfo(account.zone)).date()
        oldest = today - timedelta(days=self.section.click_days)
        return [
            FetchedClick(str(record.click_view.gclid), str(record.campaign.id), day)
            for day in days_of(max(first, oldest), last)
            if self.section.click_days
            for record in self._search(account.account_id, CLICKS.format(day=day))[0]
        ]

    def _search(self, customer: str, query: str, *, summary: bool = False) -> tuple[list[Any], Any]:
        """Return all rows of a query, and the row with their sums where it is wanted."""
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError

        module = self._module("services.types.google_ads_service")
        request = module.SearchGoogleAdsStreamRequest(customer_id=customer, query=query)
        if summary:
            settings = self._module("enums.types.summary_row_setting").SummaryRowSettingEnum.SummaryRowSetting
            request.summary_row_setting = settings.SUMMARY_ROW_WITH_RESULTS
        for attempt in attempts(pull_http.WAIT_SECONDS):
            with attempt:
                try:
                    stream = self._client.search_stream(
                        request=request, retry=None, timeout=self.section.timeout_seconds, metadata=self._metadata
                    )
                    parts = list(stream)
                except GoogleAPICallError as error:
                    raise self._error(error) from None
                except GoogleAuthError as error:
                    raise UnauthorisedError(type(error).__name__) from None
        sums = [part.summary_row for part in parts if "summary_row" in part]
        return [row for part in parts for row in part.results], sums[-1] if sums else None

    @cached_property
    def _client(self) -> Any:
        """Client of the one service that is used."""
        name = "services.services.google_ads_service"
        client = self._module(name).GoogleAdsServiceClient
        if not self.section.endpoint:
            key = self.section.credentials
            return client(credentials=sign_in(self._context.resolve(key) if key else None, SCOPE))
        import grpc

        channel = grpc.insecure_channel(self.section.endpoint.removeprefix("http://"))
        transport = self._module(f"{name}.transports").GoogleAdsServiceGrpcTransport(channel=channel)
        return client(transport=transport)

    @property
    def _metadata(self) -> list[tuple[str, str]]:
        pairs = [("developer-token", self.section.developer_token.get_secret_value())]
        if self.section.login_customer:
            pairs.append(("login-customer-id", self.section.login_customer.replace("-", "")))
        return pairs

    def _module(self, name: str) -> Any:
        try:
            return importlib.import_module(f"google.ads.googleads.{self.section.version}.{name}")
        except ModuleNotFoundError:
            raise ConfigurationError(
                f"the installed client of Google Ads has no version {self.section.version}",
                do="correct version in [report.sources.google_ads], or update google-ads",
            ) from None

    def _error(self, error: Any) -> Exception:
        """Return our error for an error of the official client."""
        from google.api_core import exceptions

        if without_token := token_error(error):
            return without_token
        code = next(failure_codes(error, self._module("errors.types.errors").GoogleAdsFailure), str(error.code))
        if isinstance(error, exceptions.Unauthorized | exceptions.Forbidden):
            return UnauthorisedError(code)
        if isinstance(error, exceptions.TooManyRequests) or code in _BUSY:
            return BusyError(code, wait_of(error))
        if isinstance(error, exceptions.ClientError):
            return PullRefusedError(code)
        return UnansweredError(type(error).__name__)


def connect(section: GoogleAdsSourceSection, context: ConnectionContext) -> ReportSource[GoogleAdsSourceSection]:
    """Return the source that the settings describe."""
    require_package("google.ads.googleads", extra="google-ads")
    return GoogleAdsSource(section, context)


def _row(record: Any, account: SourceAccount, shares: Shares) -> SpendRow:
    campaign, metrics, segments = record.campaign, record.metrics, record.segments
    kind, network = campaign.advertising_channel_type.name, segments.ad_network_type.name
    share = shares.get((campaign.id, segments.date)) if network in SEARCH_NETWORKS else None
    is_bound = share is not None and share < LEAST_SHARE
    return SpendRow(
        platform=GoogleAdsSource.name,
        account_id=account.account_id,
        campaign_id=str(campaign.id),
        campaign_name=str(campaign.name),
        network=kind if kind in TYPE_IS_NETWORK else network,
        country="",
        day=read_day(segments.date),
        currency=account.currency,
        cost=Decimal(metrics.cost_micros) / MICROS,
        impressions=int(metrics.impressions),
        clicks=int(metrics.clicks),
        invalid_clicks=int(metrics.invalid_clicks),
        eligible_impressions=None if not share else metrics.impressions / max(share, LEAST_SHARE),
        eligible_is_bound=is_bound,
    )
