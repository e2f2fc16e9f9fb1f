"""Formats by first bytes, whatever the suffix."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from crm.file_formats import file_format
from crm.rejects import Rejects
from crm.table_sources import gather, open_file
from leadworth.errors import InputError
from leadworth.settings import TableSource


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "id,name\n1,Ada\n")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html><table><tr><td>id</td></tr></table>", "is HTML.*some systems name such pages .xls"),
        (b"\xef\xbb\xbf\n <!-- x --><TABLE border=1>", "is HTML"),
        ("<!DOCTYPE html><p>".encode("utf-16"), "is HTML"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook>', "Excel 2003 XML"),
        (b'<?xml version="1.0"?><leads/>', "is XML"),
        (b'[{"id": 1}]', "is JSON"),
        (b'{"id": 1, "won": true}\n{"id": 2}\n', "is JSON"),
        (b"%PDF-1.7 x", "PDF"),
        (b"{\\rtf1 x", "RTF"),
        (b"SQLite format 3\x00", "SQLite database"),
        (b"BZh91AY", "bzip2"),
        (bytes(range(256)) * 4, "not a text file"),
        (zipped("leads.csv", "deals.csv"), "2 files: leads.csv, deals.csv"),
        (zipped(), "0 files"),
    ],
)
def test_other_formats_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        file_format(path)
    assert "what to do" in str(caught.value)


def test_a_zip_archive_with_one_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "leads.zip"
    path.write_bytes(zipped("export/leads.csv", "__MACOSX/export/._leads.csv"))

    assert gather(open_file(path, TableSource(path="x"), Rejects(None))).rows.to_pylist() == [
        {"id": "1", "name": "Ada"}
    ]


@pytest.mark.parametrize("header", ["[id],name\n1,2\n", "<id>,name\n1,2\n", "{id},name\n1,2\n", '"id","name"\n'])
def test_headers_with_brackets_are_csv(tmp_path: Path, header: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(header)

    assert file_format(path) == "delimited"
