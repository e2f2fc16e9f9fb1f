"""CSV reader: dialects, faulty rows and line numbers."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.csv_reader import CsvReader
from crm.delimited import open_delimited, sniff
from crm.rejects import Rejects
from crm.table_sources import gather
from leadworth.csv_cells import neutralise
from leadworth.errors import InputError

FIELDS = st.text(
    st.one_of(st.sampled_from(',;|"\n\t \r\u00e9\uac00'), st.characters(codec="utf-8", exclude_characters="\x00")),
    max_size=8,
).map(lambda text: text.replace("\r", "\r\n") if "\r" in text else text)


def read(path: Path, block_bytes: int = 1 << 20, **options: str) -> tuple[list[tuple[str, ...]], list[int], Rejects]:
    rejects = Rejects(None)
    table = open_delimited(path, rejects, block_bytes=block_bytes, **options)
    batch = gather(table)
    assert batch.faults == rejects.count
    columns = [column.to_pylist() for column in batch.rows.columns]
    return list(zip(*columns, strict=True)), batch.lines.tolist(), rejects


def written(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator=end).writerows(rows)
    return buffer.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("compressed", [False, True])
def test_delimiter_and_encoding_are_sniffed(tmp_path: Path, delimiter: str, encoding: str, compressed: bool) -> None:
    rows = [["id", "name", "note"], ["1", "Zoë, Müller", "a;b"], ["2", "Ada", "1,5"], ["3", "Bo", "x|y"]]
    path = tmp_path / ("leads.csv.gz" if compressed else "leads.csv")
    data = written(rows, delimiter).encode(encoding)
    path.write_bytes(gzip.compress(data) if compressed else data)

    assert read(path)[0] == [tuple(row) for row in rows[1:]]


def test_settings_override_detection(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes("a;b,c\n1;Ж,2\n".encode("cp1251"))

    assert read(path, delimiter=";", encoding="cp1251")[0] == [("1", "Ж,2")]
    assert sniff(path).delimiter == ","


def test_a_declared_encoding_is_in_doubt_where_the_file_is_utf8(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,name\n1,Zoë\n", encoding="utf-8")
    assert 'set encoding = "utf-8"' in open_delimited(path, Rejects(None), encoding="cp1252").warnings[0]
    for content, encoding in ((b"id,name\n1,Zo\xeb\n", "cp1252"), (b"id,name\n", "cp1252"), ("ë".encode(), "utf-8")):
        path.write_bytes(content)
        assert open_delimited(path, Rejects(None), encoding=encoding).warnings == ()


def test_the_first_byte_that_is_not_ascii_may_be_late(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(b"id,name\n" + b"1,Ada\n" * 900_000 + "2,Müller\n".encode("cp1252"))

    assert sniff(path).encoding == "cp1252"


def test_every_faulty_row_is_rejected_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(
        b'id,name\n1,Ada\n2\n3,"two\nlines"\n\n4,x,y\n5,Zo\xc3\xab\n6,bad\xff\n7,"open\n8,5" pipe\n9,"a"b\n10,last'
    )
    rejects = Rejects(tmp_path / "leads.rejected.csv")
    batch = gather(open_delimited(path, rejects))
    rejects.close()

    assert batch.rows.column("id").to_pylist() == ["1", "3", "5", "8", "10"]
    assert batch.lines.tolist() == [2, 4, 8, 11, 13]
    with (tmp_path / "leads.rejected.csv").open(newline="") as file:
        rejected = list(csv.DictReader(file))
    assert [(row["line"], row["reason"].partition(":")[0]) for row in rejected] == [
        ("3", "wrong number of fields"),
        ("7", "wrong number of fields"),
        ("9", "broken encoding"),
        ("10", "broken quotes"),
        ("12", "broken quotes"),
    ]
    assert rejected[1]["row"] == "4,x,y"
    assert batch.faults == 5


def test_a_quote_never_closed_rejects_its_line_only(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,name\n1,Ada\n" + '2,"open\n' + "3,Bo\n" * 5_000)

    rows, lines, rejects = read(path, block_bytes=4_096)

    assert len(rows) == 5_001
    assert lines[1] == 4
    assert rejects.reasons == {"quote never closed": 1}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, end: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(f"id,name{end}1,Ada{end}2,Bo{end}".encode())

    assert read(path)[0] == [("1", "Ada"), ("2", "Bo")]


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_is_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(content)

    with pytest.raises(InputError, match="empty"):
        read(path)


def test_a_damaged_gzip_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv.gz"
    path.write_bytes(gzip.compress(b"id,name\n" + b"1,Ada\n" * 1000)[:-20])

    with pytest.raises(InputError, match=r"leads\.csv\.gz"):
        read(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(FIELDS, min_size=2, max_size=2), max_size=12), block=st.integers(8, 200))
def test_well_formed_files_are_read_completely(tmp_path: Path, rows: list[list[str]], block: int) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(written([["id", "name"], *rows]), encoding="utf-8", newline="")

    records, _, rejects = read(path, block_bytes=block, delimiter=",", encoding="utf-8")

    assert records == [tuple(row) for row in rows if any(map(str.strip, row))]
    assert rejects.count == 0


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.text(st.sampled_from('ab,"\n\r é'), max_size=120), block=st.integers(8, 200))
def test_parsing_by_block_and_by_record_agree(
    tmp_path: Path, body: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,name\n" + body, encoding="utf-8", newline="")
    by_block = read(path, block_bytes=block, delimiter=",", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(CsvReader, "_parse_block", lambda *_: None)
        by_record = read(path, block_bytes=block, delimiter=",", encoding="utf-8")

    assert by_block[:2] == by_record[:2]
    assert by_block[2].reasons == by_record[2].reasons


def test_well_formed_files_are_parsed_by_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,name\n" + '1,"Ada, B"\n' * 1000)
    monkeypatch.setattr(CsvReader, "_parse_records", None)

    assert len(read(path)[0]) == 1000


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), block=st.integers(4, 64))
def test_random_bytes_raise_only_input_error(tmp_path: Path, content: bytes, block: int) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    try:
        read(path, block_bytes=block)
    except InputError:
        return


def test_a_file_without_line_ends_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.delimited._LARGEST_RECORD", 1 << 20)
    path = tmp_path / "leads.csv"
    path.write_bytes(b"id,name," * (1 << 18))

    with pytest.raises(InputError, match="record of more than 1 MiB"):
        read(path, block_bytes=1 << 16)


def test_columns_are_text(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,zip\n1,00187\n2,NA\n")

    batch = gather(open_delimited(path, Rejects(None)))

    assert batch.rows.schema.types == [pa.string(), pa.string()]
    assert batch.rows.column("zip").to_pylist() == ["00187", "NA"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.text("=+-@'\t 1Ae(", min_size=1, max_size=6), min_size=1, max_size=5))
def test_cells_that_begin_a_formula_are_read_as_they_were(tmp_path: Path, cells: list[str]) -> None:
    path = tmp_path / "scored.csv"
    path.write_text(written([["lead_id", "n"], *([neutralise(cell), "1"] for cell in cells)]), "utf-8")
    rows, _, rejects = read(path)
    assert [row[0] for row in rows] == cells
    assert not rejects.count
