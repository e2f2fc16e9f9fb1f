"""Local peer of the Google Ads API: SearchStream of one customer over gRPC, for the queries that leadworth sends."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from leadworth.connection_context import is_installed
from leadworth.fault_injection import Fault, Faults
from reporting.pulls.google_ads.settings import GoogleAdsSourceSection
from reporting.pulls.pull_peer import SourceCall, SourceHandler, SpendPeer
from reporting.pulls.simulated_days import SimulatedCampaign, SpendLine

if TYPE_CHECKING:
    from starlette.responses import Response

VERSION = GoogleAdsSourceSection().version
ROOT = f"google.ads.googleads.{VERSION}"
SERVICE = f"{ROOT}.services.GoogleAdsService"
_QUERY = re.compile(r"SELECT (?P<fields>.+?) FROM (?P<resource>\w+)(?: WHERE (?P<where>.+))?")
_BETWEEN = re.compile(r"segments\.date BETWEEN '([\d-]+)' AND '([\d-]+)'")
_ONE_DAY = re.compile(r"segments\.date = '([\d-]+)'")
CLICK_DAYS = 90
ROWS_PER_PART = 16


class GoogleAdsPullPeer(SpendPeer):
    """Rules of the Google Ads API.

    Attributes
    ----------
    shares
        Campaign id -> search impression share, as the API writes it.
    """

    name = "google_ads"
    account_id = "1234567890"
    currency = "EUR"
    campaigns = (
        SimulatedCampaign("120001", "Brand", "SEARCH", "SEARCH"),
        SimulatedCampaign("120001", "Brand", "SEARCH", "SEARCH_PARTNERS"),
        SimulatedCampaign("120002", "Total Care", "SEARCH", "SEARCH"),
        SimulatedCampaign("120003", "Everything", "PERFORMANCE_MAX", "MIXED"),
        SimulatedCampaign("120004", "Films", "VIDEO", "YOUTUBE"),
    )

    def __init__(self, last_day: date) -> None:
        super().__init__(last_day)
        self.shares = {"120001": 0.62, "120002": 0.0999}

    @classmethod
    def is_available(cls) -> bool:
        """Return whether the client of the Google Ads API is installed."""
        return is_installed("google.ads.googleads")

    def settings(self, address: str) -> Mapping[str, Any]:
        """Return the settings with which leadworth connects to this peer."""
        return {"endpoint": address, "accounts": ["123-456-7890"], "developer_token": self.token, "click_days": 3}

    def endpoints(self) -> Iterable[tuple[str, str, SourceHandler]]:
        """Return no HTTP endpoints: the interface is gRPC."""
        return ()

    def refusal(self, call: SourceCall) -> Response | None:
        """Refuse nothing over HTTP."""
        del call
        return None

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return what stands for too many requests, which gRPC has a status of its own for."""
        return 429, {}, b""

    @contextmanager
    def serve(self, faults: Faults | None = None) -> Iterator[Mapping[str, Any]]:
        """Serve over gRPC until the block ends."""
        import grpc

        types = import_module(f"{ROOT}.services.types.google_ads_service")
        handler = grpc.unary_stream_rpc_method_handler(
            lambda request, context: self._answer(request, context, faults or Faults()),
            request_deserializer=types.SearchGoogleAdsStreamRequest.deserialize,
            response_serializer=types.SearchGoogleAdsStreamResponse.serialize,
        )
        server = grpc.server(ThreadPoolExecutor(max_workers=4), options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"SearchStream": handler}),))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield self.settings(f"http://127.0.0.1:{port}")
        finally:
            server.stop(None)

    def _answer(self, request: Any, context: Any, faults: Faults) -> Iterator[Any]:
        """Yield the parts of an answer, or fail."""
        import grpc

        fault = faults.draw()
        with self.lock:
            if fault is Fault.BUSY or not self.limit.admit():
                self._abort(
                    context, grpc.StatusCode.RESOURCE_EXHAUSTED, "quota_error", "RESOURCE_TEMPORARILY_EXHAUSTED"
                )
            if fault is Fault.BROKEN:
                context.abort(grpc.StatusCode.INTERNAL, "broken")
            if fault is Fault.AWAY:
                context.abort(grpc.StatusCode.UNAVAILABLE, "away")
            if fault is Fault.LATE:
                time.sleep(faults.wait.late)
            metadata = dict(context.invocation_metadata())
            if metadata.get("developer-token") != self.token:
                self._abort(
                    context, grpc.StatusCode.PERMISSION_DENIED, "authorization_error", "DEVELOPER_TOKEN_NOT_APPROVED"
                )
            if request.customer_id != self.account_id:
                self._abort(context, grpc.StatusCode.PERMISSION_DENIED, "authorization_error", "USER_PERMISSION_DENIED")
            parts = list(self._parts(request, context))
            self.calls[request.query.partition(" FROM ")[2].partition(" ")[0]] += 1
        for position, part in enumerate(parts):
            yield part
            if fault is Fault.CUT and position == len(parts) // 2:
                context.abort(grpc.StatusCode.UNAVAILABLE, "connection closed")

    def _parts(self, request: Any, context: Any) -> Iterator[Any]:
        """Yield the answer in parts, the sums in the last one."""
        import grpc

        types = import_module(f"{ROOT}.services.types.google_ads_service")
        match = _QUERY.fullmatch(request.query)
        rows, error = self._rows(match) if match else ([], "UNRECOGNIZED_FIELD")
        if error:
            self._abort(context, grpc.StatusCode.INVALID_ARGUMENT, "query_error", error)
        for start in range(0, max(len(rows), 1), ROWS_PER_PART):
            yield types.SearchGoogleAdsStreamResponse(results=rows[start : start + ROWS_PER_PART])
        if request.summary_row_setting.name == "SUMMARY_ROW_WITH_RESULTS":
            micros = sum(row["metrics"]["cost_micros"] for row in rows)
            yield types.SearchGoogleAdsStreamResponse(summary_row={"metrics": {"cost_micros": micros}})

    def _rows(self, match: re.Match[str]) -> tuple[list[dict[str, Any]], str]:
        """Return the rows of a query, or the code that it is refused with."""
        fields, where = set(match["fields"].split(", ")), match["where"] or ""
        if match["resource"] == "customer":
            return [
                {"customer": {"id": int(self.account_id), "currency_code": self.currency, "time_zone": self.zone}}
            ], ""
        if match["resource"] == "click_view":
            return self._clicks(where)
        span = _BETWEEN.search(where)
        if span is None or match["resource"] != "campaign":
            return [], "EXPECTED_FILTERS_ON_DATE_RANGE"
        lines = [line for line in self.between(*map(date.fromisoformat, span.groups())) if not line.is_zero]
        if "metrics.search_impression_share" in fields:
            if "segments.ad_network_type" in fields:
                return [], "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE"
            keys = {(line.campaign.campaign_id, line.day) for line in lines if line.campaign.kind == "SEARCH"}
            return [
                {
                    "campaign": {"id": int(campaign)},
                    "segments": {"date": day.isoformat()},
                    "metrics": {"search_impression_share": self.shares[campaign]},
                }
                for campaign, day in sorted(keys)
            ], ""
        return [self._row(line) for line in lines], ""

    def _row(self, line: SpendLine) -> dict[str, Any]:
        campaign = line.campaign
        return {
            "customer": {"id": int(self.account_id), "currency_code": self.currency},
            "campaign": {
                "id": int(campaign.campaign_id),
                "name": campaign.name,
                "advertising_channel_type": campaign.kind,
            },
            "segments": {"date": line.day.isoformat(), "ad_network_type": campaign.network},
            "metrics": {
                "cost_micros": int(line.cost * Decimal(1_000_000)),
                "impressions": line.impressions,
                "clicks": line.clicks,
                "invalid_clicks": line.invalid_clicks,
            },
        }

    def _clicks(self, where: str) -> tuple[list[dict[str, Any]], str]:
        """Return up to three clicks of each campaign on the one day of a query."""
        one = _ONE_DAY.fullmatch(where)
        if one is None:
            return [], "EXPECTED_FILTERS_ON_DATE_RANGE"
        day = date.fromisoformat(one[1])
        if day < datetime.now(UTC).astimezone(ZoneInfo(self.zone)).date() - timedelta(days=CLICK_DAYS):
            return [], "INVALID_VALUE_WITH_DURING_OPERATOR"
        return [
            {
                "click_view": {"gclid": f"gclid-{line.campaign.campaign_id}-{day}-{number}"},
                "campaign": {"id": int(line.campaign.campaign_id)},
                "segments": {"date": day.isoformat()},
            }
            for line in self.between(day, day)
            if line.campaign.network == "SEARCH"
            for number in range(min(line.clicks, 3))
        ], ""

    def _abort(self, context: Any, status: Any, kind: str, code: str) -> None:
        """End a call with the failure that the official client reads."""
        errors = import_module(f"{ROOT}.errors.types.errors")
        failure = errors.GoogleAdsFailure(errors=[{"error_code": {kind: code}, "message": code}])
        name = f"{ROOT}.errors.googleadsfailure-bin"
        context.set_trailing_metadata(((name, errors.GoogleAdsFailure.serialize(failure)),))
        context.abort(status, code)


PEER = GoogleAdsPullPeer
