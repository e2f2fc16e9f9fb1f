"""Local peer of Microsoft Advertising: reports that are ordered, polled and downloaded as a zip archive."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from reporting.pulls.microsoft.settings import MicrosoftSourceSection
from reporting.pulls.pull_peer import SourceCall, SourceHandler, SpendPeer, json_reply
from reporting.pulls.simulated_days import SimulatedCampaign, SpendLine

if TYPE_CHECKING:
    from starlette.responses import Response

NAMESPACE = f"https://bingads.microsoft.com/Reporting/{MicrosoftSourceSection().version}"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ORDER = (
    *("ExcludeColumnHeaders", "ExcludeReportFooter", "ExcludeReportHeader", "Format", "FormatVersion", "ReportName"),
    *("ReturnOnlyCompleteData", "Aggregation", "Columns", "Filter", "Scope", "Time"),
)
"""Elements of a report in the order of the WSDL; a test compares them with it."""


class MicrosoftPullPeer(SpendPeer):
    """Rules of the Reporting service.

    Attributes
    ----------
    complete_to
        Newest day whose data are complete.
    refresh_token, access_token
        Tokens of OAuth; each renewal makes a new access token.
    """

    name = "microsoft"
    account_id = "140707"
    currency = "EUR"
    campaigns = (
        SimulatedCampaign("440001", "Brand", "Search & content", "Bing and Yahoo! search"),
        SimulatedCampaign("440001", "Brand", "Search & content", "Syndicated search partners"),
        SimulatedCampaign("440002", "Total Care", "Audience", "Audience"),
    )

    def __init__(self, last_day: date) -> None:
        super().__init__(last_day)
        self.complete_to = last_day
        self.access_token = ""
        self._ids = count(1)
        self._orders: dict[str, tuple[ET.Element, list[str]]] = {}

    def settings(self, address: str) -> Mapping[str, Any]:
        """Return the settings with which leadworth connects to this peer."""
        return {
            "endpoint": address,
            "accounts": [self.account_id],
            "customer": "250707",
            "developer_token": "sandbox-developer",
            "client": "sandbox-app",
            "refresh_token": self.token,
            "login": f"{address}/token",
            "report_zone": "AmsterdamBerlinBernRomeStockholmVienna",
            "zone": self.zone,
        }

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return the SOAP fault of too many requests."""
        return 500, {}, _fault("117", "CallRateExceeded")

    def refusal(self, call: SourceCall) -> Response | None:
        """Refuse nothing here: the tokens are in the body, and the operations check them."""
        del call
        return None

    def endpoints(self) -> Iterable[tuple[str, str, SourceHandler]]:
        """Return token endpoint, service and downloads."""
        yield "POST", "/token", self._sign_in
        yield (
            "POST",
            f"/Api/Advertiser/Reporting/{MicrosoftSourceSection().version}/ReportingService.svc",
            self._service,
        )
        yield "GET", "/download/{report}", self._download

    def _sign_in(self, call: SourceCall) -> Response:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if (form.get("grant_type"), form.get("refresh_token")) != ("refresh_token", self.token):
            return json_reply({"error": "invalid_grant"}, 400)
        self.access_token = f"microsoft-access-{next(self._ids)}"
        return json_reply({"access_token": self.access_token, "expires_in": 3600})

    def _service(self, call: SourceCall) -> Response:
        document = ET.fromstring(call.body)
        head = {part.tag.rpartition("}")[2]: part.text for part in document.find(f"{{{SOAP}}}Header") or ()}
        if head.get("DeveloperToken") != "sandbox-developer" or head.get("CustomerAccountId") != self.account_id:
            return _xml(_fault("105", "InvalidCredentials"), 500)
        if head.get("AuthenticationToken") != self.access_token:
            return _xml(_fault("109", "AuthenticationTokenExpired"), 500)
        operation = call.headers.get("soapaction", "").strip('"')
        request = document.find(f".//{{{NAMESPACE}}}{operation}Request")
        if request is None:
            return _xml(_fault("100", "NullRequest"), 500)
        if operation == "SubmitGenerateReport":
            return self._submit(request)
        return self._poll(request, call.headers["host"])

    def _submit(self, request: ET.Element) -> Response:
        report = request[0]
        names = [part.tag.rpartition("}")[2] for part in report]
        if names != sorted(names, key=ORDER.index):
            return _xml(_fault("2001", "ReportingServiceInvalidReport"), 500)
        _, last = _span(report)
        if _text(report, "ReturnOnlyCompleteData") == "true" and last > self.complete_to:
            return _xml(_fault("2004", "NoCompleteDataAvaliable"), 500)
        ident = f"report-{next(self._ids)}"
        self._orders[ident] = (report, ["Pending", "Pending"])
        return _answer("SubmitGenerateReport", f"<ReportRequestId>{ident}</ReportRequestId>")

    def _poll(self, request: ET.Element, host: str) -> Response:
        ident = _text(request, "ReportRequestId")
        report, states = self._orders[ident]
        if states:
            status = f"<Status>{states.pop()}</Status>"
        elif not self.between(*_span(report)):
            status = "<ReportDownloadUrl/><Status>Success</Status>"
        else:
            status = f"<ReportDownloadUrl>http://{host}/download/{ident}</ReportDownloadUrl><Status>Success</Status>"
        return _answer("PollGenerateReport", f"<ReportRequestStatus>{status}</ReportRequestStatus>")

    def _download(self, call: SourceCall) -> Response:
        from starlette.responses import Response

        report, _ = self._orders[call.parts["report"]]
        columns = [part.text or "" for part in report.iter(f"{{{NAMESPACE}}}CampaignPerformanceReportColumn")]
        first, last = _span(report)
        lines = [line for line in self.between(first, last) if not line.is_zero]
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        about = {
            "Report Name": "leadworth",
            "Report Time": f"{first:%m/%d/%Y},{last:%m/%d/%Y}",
            "Time Zone": "(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
            "Last Completed Available Day": f"{self.complete_to:%m/%d/%Y} 11:59:59 PM (GMT)",
            "Report Aggregation": "Daily",
            "Report Filter": "",
            "Potential Incomplete Data": "false",
            "Rows": str(len(lines)),
        }
        writer.writerows([[f"{name}: {value}"] for name, value in about.items()])
        text.write("\r\n")
        writer.writerow(columns)
        writer.writerows([[self._cell(line, column) for column in columns] for line in lines])
        text.write("\r\n")
        writer.writerow(["©2026 Microsoft Corporation. All rights reserved. "])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{call.parts['report']}.csv", b"\xef\xbb\xbf" + text.getvalue().encode())
        return Response(packed.getvalue(), 200, {}, "application/zip")

    def _cell(self, line: SpendLine, column: str) -> str:
        values = {
            "TimePeriod": line.day.isoformat(),
            "AccountId": self.account_id,
            "CurrencyCode": self.currency,
            "CampaignId": line.campaign.campaign_id,
            "CampaignName": line.campaign.name,
            "CampaignType": line.campaign.kind,
            "Network": line.campaign.network,
            "Impressions": str(line.impressions),
            "Clicks": str(line.clicks),
            "Spend": f"{line.cost:.2f}",
            "ImpressionSharePercent": "--" if line.campaign.kind == "Audience" else "40.00%",
            "LowQualityClicks": str(line.invalid_clicks),
        }
        return values[column]


PEER = MicrosoftPullPeer


def _span(report: ET.Element) -> tuple[date, date]:
    """Return first and last day of an order."""
    days = []
    for name in ("CustomDateRangeStart", "CustomDateRangeEnd"):
        [part] = report.iter(f"{{{NAMESPACE}}}{name}")
        days.append(date(*(int(_text(part, unit)) for unit in ("Year", "Month", "Day"))))
    return days[0], days[1]


def _text(element: ET.Element, name: str) -> str:
    return next((part.text or "" for part in element.iter(f"{{{NAMESPACE}}}{name}")), "")


def _xml(content: bytes, status: int = 200) -> Response:
    from starlette.responses import Response

    return Response(content, status, {}, "text/xml")


def _answer(operation: str, inner: str) -> Response:
    body = f'<{operation}Response xmlns="{NAMESPACE}">{inner}</{operation}Response>'
    return _xml(f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'.encode())


def _fault(number: str, code: str) -> bytes:
    detail = f"<AdApiError><Code>{number}</Code><ErrorCode>{code}</ErrorCode></AdApiError>"
    inner = f'<AdApiFaultDetail xmlns="https://adapi.microsoft.com"><Errors>{detail}</Errors></AdApiFaultDetail>'
    fault = f"<s:Fault><faultcode>s:Server</faultcode><detail>{inner}</detail></s:Fault>"
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{fault}</s:Body></s:Envelope>'.encode()
