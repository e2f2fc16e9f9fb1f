"""Files of reports of Microsoft Advertising."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.http_errors import UnansweredError
from reporting.pulls.microsoft.report_file import read_report

COLUMNS = ["TimePeriod", "CampaignName", "Spend"]
texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)


def packed(rows: list[list[str]], *, named: int | None = None, files: int = 1) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["Report Name: leadworth"])
    writer.writerow(["Potential Incomplete Data: true"])
    writer.writerow([f"Rows: {len(rows) if named is None else named}"])
    text.write("\r\n")
    writer.writerows([COLUMNS, *rows])
    text.write("\r\n")
    writer.writerow(["©2026 Microsoft Corporation. All rights reserved. "])
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(files):
            archive.writestr(f"{number}.csv", b"\xef\xbb\xbf" + text.getvalue().encode())
    return content.getvalue()


@given(st.lists(st.tuples(st.just("2026-11-01"), texts, texts), max_size=6))
def test_every_row_is_read_as_it_was_written(rows: list[tuple[str, str, str]]) -> None:
    report = read_report(packed([list(row) for row in rows]))
    assert [tuple(row.values()) for row in report.rows] == rows
    assert report.about["Potential Incomplete Data"] == "true"


def test_a_campaign_that_starts_with_total_is_a_row() -> None:
    report = read_report(packed([["2026-11-01", "Total Care", "5"], ["Total: 5", "x", "5"]]))
    assert [row["TimePeriod"] for row in report.rows] == ["2026-11-01", "Total: 5"]


@pytest.mark.parametrize("content", [b"no archive", packed([["2026-11-01", "a", "1"]], named=2), packed([], files=2)])
def test_what_is_no_whole_report_is_no_answer(content: bytes) -> None:
    with pytest.raises(UnansweredError):
        read_report(content)


def test_a_file_without_a_header_is_no_answer() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.csv", "nothing")
    with pytest.raises(UnansweredError, match="no header"):
        read_report(content.getvalue())
