"""Microsoft Advertising: spend of campaigns by day and network, by the Reporting service.

A report is ordered, waited for and downloaded as a zip archive with one CSV file. The service is SOAP; elements come in
the order of the WSDL. Only complete data are taken: where the newest days are not complete, they are left out, and the
next pull fetches them.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from leadworth.connection_context import ConnectionContext
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from leadworth.oauth import OAuth2Token, refresh_form
from reporting.imports.import_rows import SpendRow
from reporting.pulls.answer_values import CollectedRows, read_day, read_money, read_optional_count
from reporting.pulls.http_source import HttpReportSource
from reporting.pulls.microsoft.report_file import ReportFile, read_report
from reporting.pulls.microsoft.settings import MicrosoftSourceSection
from reporting.pulls.pull_errors import PullRefusedError
from reporting.pulls.pull_http import PullHttp
from reporting.pulls.report_polling import wait_for
from reporting.pulls.report_source import FetchedDays, ReportSource, SourceAccount

if TYPE_CHECKING:
    import httpx2

HOST = "https://reporting.api.bingads.microsoft.com"
SCOPE = "https://ads.microsoft.com/msads.manage offline_access"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
COLUMNS = (
    "TimePeriod",
    "AccountId",
    "CurrencyCode",
    "CampaignId",
    "CampaignName",
    "CampaignType",
    "Network",
    "Impressions",
    "Clicks",
    "Spend",
    "ImpressionSharePercent",
    "LowQualityClicks",
)
MOST_INCOMPLETE_DAYS = 7
NOT_COMPLETE = "NoCompleteDataAvaliable"
"""Code of the service, in its own spelling."""
_MISSING = frozenset({"", "-", "--", "No data"})
_BUSY = {"CallRateExceeded", "InternalError", "ConcurrentRequestOverLimit", "117", "207"}
_UNAUTHORISED = {"105", "106", "109", "AuthenticationTokenExpired", "InvalidCredentials", "UserIsNotAuthorized"}
_BY_TYPE = {"Shopping": "Shopping", "PerformanceMax": "Performance Max", "Performance max": "Performance Max"}
"""Type of a campaign -> network, where the type says more about the channel."""


class IncompleteDaysError(PullRefusedError):
    """The newest days of a report are not complete yet."""


class MicrosoftSource(HttpReportSource[MicrosoftSourceSection]):
    """Adapter of the Reporting service."""

    name = "microsoft"

    def __init__(self, section: MicrosoftSourceSection, http: PullHttp, token: OAuth2Token) -> None:
        super().__init__(section, http)
        self._token = token
        self._namespace = f"https://bingads.microsoft.com/Reporting/{section.version}"

    def account(self, account_id: str) -> SourceAccount:
        """Return the account: its rows name the currency, and the settings the zone; see `ReportSource.account`."""
        return SourceAccount(account_id, "", self.section.zone)

    def fetch(self, account: SourceAccount, first: date, last: date) -> Sequence[FetchedDays]:
        """Return spend by campaign, network and day; see `ReportSource.fetch`.

        Days at the end that are not complete are left out; where none is complete, nothing is returned.
        """
        for end in (last - timedelta(days=days) for days in range(MOST_INCOMPLETE_DAYS + 1)):
            if end < first:
                return []
            try:
                report = self._report(account, first, end)
            except IncompleteDaysError:
                continue
            collected = CollectedRows()
            quality = ""
            if report is not None:
                collected.add(report.rows, lambda row: _row(row, account))
                quality = "incomplete" if report.about.get("Potential Incomplete Data") == "true" else ""
            return [self.days("spend", account, first, end, collected, quality=quality)]
        raise IncompleteDaysError(f"no complete data in the {MOST_INCOMPLETE_DAYS} days before {last}")

    def _report(self, account: SourceAccount, first: date, last: date) -> ReportFile | None:
        """Order, await and read a report; None where there is nothing to report."""
        submitted = self._call(account, "SubmitGenerateReport", self.order(account.account_id, first, last))
        ident = _text(submitted, "ReportRequestId")
        poll = ET.Element(self._tag("PollGenerateReportRequest"))
        ET.SubElement(poll, self._tag("ReportRequestId")).text = ident
        url = wait_for(lambda: self._address(account, poll), self.section.report_seconds)
        if not url:
            return None
        return read_report(self.http.request("GET", self._reachable(url)).content)

    def _address(self, account: SourceAccount, poll: ET.Element) -> str | None:
        """Return the address of a report that is ready, empty without data; None while it is prepared."""
        answer = self._call(account, "PollGenerateReport", poll)
        status = _text(answer, "Status")
        if status == "Error":
            raise UnansweredError("the report failed")
        return _text(answer, "ReportDownloadUrl") if status == "Success" else None

    def _reachable(self, url: str) -> str:
        """Return the address of a report; it must be of Microsoft or of the endpoint, by TLS where that has it."""
        endpoint = urlsplit(self.section.endpoint or HOST)
        parts = urlsplit(url)
        own = (parts.scheme, parts.netloc) == (endpoint.scheme, endpoint.netloc)
        if not own and (
            parts.scheme != "https" or not (parts.hostname or "").endswith((".microsoft.com", ".windows.net"))
        ):
            raise PullRefusedError("the address of the report is not Microsoft's")
        return url

    def order(self, account_id: str, first: date, last: date) -> ET.Element:
        """Return the element that orders a report."""
        request = ET.Element(self._tag("SubmitGenerateReportRequest"))
        report = ET.SubElement(
            request, self._tag("ReportRequest"), {f"{{{INSTANCE}}}type": "r:CampaignPerformanceReportRequest"}
        )
        options = {
            "ExcludeColumnHeaders": "false",
            "ExcludeReportFooter": "false",
            "ExcludeReportHeader": "false",
            "Format": "Csv",
            "FormatVersion": "2.0",
            "ReportName": "leadworth",
            "ReturnOnlyCompleteData": "true",
            "Aggregation": "Daily",
        }
        for name, text in options.items():
            ET.SubElement(report, self._tag(name)).text = text
        columns = ET.SubElement(report, self._tag("Columns"))
        for column in COLUMNS:
            ET.SubElement(columns, self._tag("CampaignPerformanceReportColumn")).text = column
        scope = ET.SubElement(ET.SubElement(report, self._tag("Scope")), self._tag("AccountIds"))
        ET.SubElement(scope, f"{{{ARRAYS}}}long").text = account_id
        time = ET.SubElement(report, self._tag("Time"))
        for name, day in (("CustomDateRangeEnd", last), ("CustomDateRangeStart", first)):
            part = ET.SubElement(time, self._tag(name))
            for unit, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
                ET.SubElement(part, self._tag(unit)).text = str(number)
        ET.SubElement(time, self._tag("ReportTimeZone")).text = self.section.report_zone
        return request

    def envelope(self, account_id: str, operation: str, request: ET.Element, token: str) -> bytes:
        """Return the SOAP request."""
        ET.register_namespace("s", SOAP)
        ET.register_namespace("r", self._namespace)
        root = ET.Element(f"{{{SOAP}}}Envelope")
        head = ET.SubElement(root, f"{{{SOAP}}}Header")
        fields = {
            "Action": operation,
            "AuthenticationToken": token,
            "CustomerAccountId": account_id,
            "CustomerId": self.section.customer,
            "DeveloperToken": self.section.developer_token.get_secret_value(),
        }
        for name, text in fields.items():
            ET.SubElement(head, self._tag(name)).text = text
        ET.SubElement(root, f"{{{SOAP}}}Body").append(request)
        document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        return document

    def _call(self, account: SourceAccount, operation: str, request: ET.Element) -> ET.Element:
        """Call an operation and return the answer."""
        path = f"Api/Advertiser/Reporting/{self.section.version}/ReportingService.svc"
        content = partial(self._signed, account.account_id, operation, request)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation}"'}
        return _document(self.http.request("POST", path, content=content, headers=headers))

    def _signed(self, account_id: str, operation: str, request: ET.Element) -> bytes:
        return self.envelope(account_id, operation, request, self._token.token())

    def _tag(self, name: str) -> str:
        return f"{{{self._namespace}}}{name}"


def connect(section: MicrosoftSourceSection, context: ConnectionContext) -> ReportSource[MicrosoftSourceSection]:
    """Return the source that the settings describe."""
    secret, refresh = section.client_secret.get_secret_value(), section.refresh_token.get_secret_value()
    token = OAuth2Token(context.http, section.login, lambda: refresh_form(section.client, secret, refresh, SCOPE))
    http = PullHttp(
        context.http, section.endpoint or HOST, dict, renew=token.forget, check=_check, own={500}
    )  # 500: a SOAP fault
    return MicrosoftSource(section, http, token)


def _row(row: Mapping[str, str], account: SourceAccount) -> SpendRow:
    values = {name: None if text.strip() in _MISSING else text.strip() for name, text in row.items()}
    impressions = read_optional_count(values["Impressions"])
    share, is_bound = _share(values["ImpressionSharePercent"])
    return SpendRow(
        platform=MicrosoftSource.name,
        account_id=account.account_id,
        campaign_id=str(values["CampaignId"] or ""),
        campaign_name=str(values["CampaignName"] or ""),
        network=_BY_TYPE.get(values["CampaignType"] or "", values["Network"] or ""),
        country="",
        day=read_day(values["TimePeriod"]),
        currency=str(values["CurrencyCode"]),
        cost=read_money(values["Spend"]),
        impressions=impressions,
        clicks=read_optional_count(values["Clicks"]),
        invalid_clicks=read_optional_count(values["LowQualityClicks"]),
        eligible_impressions=None if share is None or impressions is None else float(impressions / share),
        eligible_is_bound=is_bound,
    )


def _share(text: str | None) -> tuple[Decimal | None, bool]:
    """Return an impression share as a part of one, and whether it is a bound.

    Examples
    --------
    >>> _share("45.10%"), _share("<10%"), _share(None), _share("0.00%")
    ((Decimal('0.451'), False), (Decimal('0.1'), True), (None, False), (None, False))
    """
    if text is None:
        return None, False
    share = read_money(text.strip("<> %").replace(",", "")) / 100
    return (share, text[0] in "<>") if share > 0 else (None, False)


def _document(answer: httpx2.Response) -> ET.Element:
    try:
        return ET.fromstring(answer.content)
    except ET.ParseError:
        raise UnansweredError("not XML") from None


def _check(answer: httpx2.Response) -> None:
    """Raise the error of a SOAP fault."""
    if answer.status_code < 400:
        return
    codes = set(_codes(_document(answer))) if answer.status_code == 500 else set()
    code = next(iter(sorted(codes)), f"HTTP {answer.status_code}")
    if NOT_COMPLETE in codes:
        raise IncompleteDaysError(NOT_COMPLETE)
    if _UNAUTHORISED & codes:
        raise UnauthorisedError(code)
    if _BUSY & codes:
        raise BusyError(code)
    raise PullRefusedError(code)


def _codes(document: ET.Element) -> Iterator[str]:
    for part in document.iter():
        if part.tag.rpartition("}")[2] in {"ErrorCode", "Code"} and part.text:
            yield part.text


def _text(document: ET.Element, name: str) -> str:
    """Return the text of the first element of a name; empty where it has none."""
    parts: Iterator[Any] = (part for part in document.iter() if part.tag.rpartition("}")[2] == name)
    return str(getattr(next(parts, None), "text", None) or "")
