"""Microsoft Advertising: incomplete days, expired tokens, and orders and reports against the official SDK."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from bingads.v13.reporting.report_file_reader import ReportFileReader
from suds.client import Client

from leadworth.connection_context import ConnectionContext
from reporting.pulls.microsoft import adapter
from reporting.pulls.microsoft.adapter import COLUMNS, SOAP, MicrosoftSource
from reporting.pulls.microsoft.peer import NAMESPACE, ORDER, MicrosoftPullPeer
from reporting.pulls.microsoft.settings import MicrosoftSourceSection
from reporting.pulls.pull_errors import PullRefusedError
from reporting.pulls.report_source import SourceAccount
from tests.reporting.pulls.pull_bench import LAST_DAY, PullBench, pull_bench

WSDL = Path(str(files("bingads.v13.proxies.production") / "reporting_service.xml"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[PullBench]:
    with pull_bench("microsoft", tmp_path) as made:
        yield made


def peer(bench: PullBench) -> MicrosoftPullPeer:
    assert isinstance(bench.peer, MicrosoftPullPeer)
    return bench.peer


def test_days_that_are_not_complete_are_left_out_and_come_with_the_next_pull(bench: PullBench) -> None:
    peer(bench).complete_to = LAST_DAY - timedelta(days=2)
    result = bench.pull()
    assert result.is_complete
    assert result.pulled_to == LAST_DAY - timedelta(days=2)
    assert max(day for _, day in bench.sums()) <= LAST_DAY - timedelta(days=2)
    peer(bench).complete_to = LAST_DAY
    bench.pull()
    assert bench.sums() == bench.truth()


def test_data_that_are_a_week_late_are_an_error(bench: PullBench) -> None:
    peer(bench).complete_to = LAST_DAY - timedelta(days=adapter.MOST_INCOMPLETE_DAYS + 1)
    assert "no complete data" in str(bench.pull().error)


def test_a_token_that_expires_is_renewed(bench: PullBench) -> None:
    assert bench.pull().is_complete
    submit = peer(bench)._submit

    def expiring(request: ET.Element) -> Any:
        peer(bench).access_token = "expired"
        return submit(request)

    peer(bench)._submit = expiring  # type: ignore[method-assign]
    assert bench.pull().is_complete
    assert peer(bench).calls["/token"] == 3


def test_a_range_without_data_is_empty(bench: PullBench) -> None:
    peer(bench).lines = []
    result = bench.pull()
    assert result.is_complete
    assert result.rows == {"spend": 0}
    assert bench.rows() == []


def test_an_address_of_another_host_is_not_followed(bench: PullBench) -> None:
    source = adapter.connect(MicrosoftSourceSection(), ConnectionContext(Path(), 1.0))
    assert isinstance(source, MicrosoftSource)
    reachable = "https://bingadsappsstorageprod.blob.core.windows.net/x?sig=1"
    assert source._reachable(reachable) == reachable
    for address in ("https://example.com/x", "http://download.api.bingads.microsoft.com/x", "file:///etc/passwd"):
        with pytest.raises(PullRefusedError):
            source._reachable(address)


def test_the_order_is_that_of_the_official_wsdl() -> None:
    client = Client(WSDL.as_uri(), nosend=True, cache=None)
    make = client.factory.create
    report = make(f"{{{NAMESPACE}}}CampaignPerformanceReportRequest")
    report.ExcludeColumnHeaders = report.ExcludeReportFooter = report.ExcludeReportHeader = False
    report.Format, report.FormatVersion, report.ReportName = "Csv", "2.0", "leadworth"
    report.ReturnOnlyCompleteData, report.Aggregation = True, "Daily"
    report.Columns.CampaignPerformanceReportColumn = list(COLUMNS)
    report.Filter = None
    report.Scope.AccountIds = {"long": [140707]}
    report.Scope.Campaigns = None
    first, last = LAST_DAY - timedelta(days=3), LAST_DAY
    for name, day in (("CustomDateRangeStart", first), ("CustomDateRangeEnd", last)):
        part = make(f"{{{NAMESPACE}}}Date")
        part.Day, part.Month, part.Year = day.day, day.month, day.year
        setattr(report.Time, name, part)
    report.Time.PredefinedTime = None
    report.Time.ReportTimeZone = "AmsterdamBerlinBernRomeStockholmVienna"
    theirs = client.service.SubmitGenerateReport(report).envelope
    section = MicrosoftSourceSection(report_zone="AmsterdamBerlinBernRomeStockholmVienna")
    source = adapter.connect(section, ConnectionContext(Path(), 1.0))
    assert isinstance(source, MicrosoftSource)
    order = source.order("140707", first, last)
    ours = source.envelope("140707", "SubmitGenerateReport", order, "token")
    assert elements(ours) == elements(theirs)
    assert b'type="r:CampaignPerformanceReportRequest"' in ours


def elements(envelope: bytes) -> list[tuple[str, str]]:
    body: Any = ET.fromstring(envelope).find(f"{{{SOAP}}}Body")
    return [(part.tag, part.text.strip()) for part in body.iter() if part.text and part.text.strip()]


def test_names_and_order_are_those_of_the_official_wsdl() -> None:
    text = WSDL.read_text(encoding="utf-8")
    columns = re.search(r'simpleType name="CampaignPerformanceReportColumn".*?</xs:simpleType>', text, re.DOTALL)
    zones = re.search(r'simpleType name="ReportTimeZone".*?</xs:simpleType>', text, re.DOTALL)
    assert columns is not None
    assert zones is not None
    assert set(COLUMNS) <= set(re.findall(r'value="(\w+)"', columns[0]))
    assert MicrosoftSourceSection().report_zone in re.findall(r'value="(\w+)"', zones[0])
    base, extension = (
        re.findall(r'element (?:minOccurs="0" )?name="(\w+)"', block)
        for block in re.findall(
            r'complexType name="(?:CampaignPerformance)?ReportRequest">.*?</xs:complexType>', text, re.DOTALL
        )
    )
    assert sorted((base, extension), key=len, reverse=True) == [list(ORDER[:7]), list(ORDER[7:])]


def test_the_official_reader_reads_the_same_rows_but_those_of_a_campaign_that_starts_with_total(
    bench: PullBench, tmp_path: Path
) -> None:
    """The SDK takes rows whose first cell starts with "Total" for sums; in our order the first cell is the day."""
    source = adapter.connect(bench.settings.report.sources.section("microsoft"), ConnectionContext(tmp_path, 5.0))  # type: ignore[arg-type]
    assert isinstance(source, MicrosoftSource)
    account = SourceAccount(bench.peer.account_id, "", "Europe/Rome")
    first, last = LAST_DAY - timedelta(days=9), LAST_DAY
    report = source._report(account, first, last)
    assert report is not None
    download = source.http.request("GET", f"/download/{list(peer(bench)._orders)[-1]}")
    (tmp_path / "report.zip").write_bytes(download.content)
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        archive.extractall(tmp_path)
    [file] = tmp_path.glob("*.csv")
    theirs = ReportFileReader(str(file), "Csv").get_report()
    assert theirs.record_count == len(report.rows)
    assert theirs.last_completed_available_date.date() == LAST_DAY
    rows = [(row.value("CampaignName"), row.value("Spend")) for row in theirs.report_records]
    assert rows == [(row["CampaignName"], row["Spend"]) for row in report.rows]
    assert any(name == "Total Care" for name, _ in rows)
    theirs.close()
    source.close()
