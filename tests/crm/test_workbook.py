"""Spreadsheet files: sheets, types of cells, titles and totals."""

from __future__ import annotations

import contextlib
import random
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from crm.inference.row_sample import read_sample
from crm.rejects import Rejects
from crm.table_sources import gather, open_file
from crm.workbook import open_workbook
from leadworth.errors import ConfigurationError, InputError, LeadworthError
from leadworth.settings import TableSource
from tests.make_workbook import CellError, Formula, write_workbook

HEADER = ["Lead ID", "Created", "Day", "Amount", "Staff", "Won", "Code", "Sum", None]
ROWS = [
    [20240, datetime(2024, 6, 4, 12, 30), date(2024, 6, 4), 12.5, 7, True, "00123", Formula(19.5), None],
    [20241, None, date(2024, 6, 5), 1e15, None, False, 123, Formula(3), CellError("#N/A")],
    [20242, datetime(2024, 6, 6), None, CellError("#VALUE!"), 400, None, 12.5, None, None],
]


def test_cells_keep_their_types(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "leads.xlsx", {"Leads": [HEADER, *ROWS]})
    batch = gather(open_workbook(path, Rejects(None)))

    assert batch.lines.tolist() == [2, 3, 4]
    assert batch.rows.to_pydict() == {
        "Lead ID": [20240, 20241, 20242],
        "Created": [datetime(2024, 6, 4, 12, 30), None, datetime(2024, 6, 6)],
        "Day": [date(2024, 6, 4), date(2024, 6, 5), None],
        "Amount": [12.5, 1e15, None],
        "Staff": [7, None, 400],
        "Won": [True, False, None],
        "Code": ["00123", "123", "12.5"],
        "Sum": [19.5, 3.0, None],
    }
    assert batch.rows.schema.field("Lead ID").type == batch.rows.schema.field("Staff").type == pa.int64()


def test_titles_totals_and_blank_rows_are_no_leads(tmp_path: Path) -> None:
    rows = [["Lead export 2024"], [], ["Filter", "all"], [], ["id", "name", "amount"]]
    rows += [[n, f"Ada {n}", n * 10] for n in range(3)]
    rows += [[], ["id", "name", "amount"], [3, "Bo", 5], [], ["Total", None, 35], ["Confidential"]]
    path = write_workbook(tmp_path / "leads.xlsx", {"Leads": rows})
    rejects = Rejects(tmp_path / "leads.rejected.csv")
    batch = gather(open_workbook(path, rejects))
    rejects.close()

    assert batch.rows.column("id").to_pylist() == [0, 1, 2, 3]
    assert batch.lines.tolist() == [6, 7, 8, 11]
    assert batch.faults == rejects.count == 5
    assert "13,not a row of the table: total" in (tmp_path / "leads.rejected.csv").read_text()


def test_the_sheet_with_most_rows_is_read_unless_one_is_set(tmp_path: Path) -> None:
    sheets = {
        "Notes": [["made by Ann"]],
        "Deals": [["id", "won"], ["1", "yes"]],
        "Leads": [["id", "name"], ["1", "Ada"], ["2", "Bo"]],
        "Old": [["id", "name"], *([["9", "x"]] * 9)],
    }
    path = write_workbook(tmp_path / "crm.xlsx", sheets, hidden=["Old"])
    table = open_file(path, TableSource(path="x"), Rejects(None))

    assert gather(table).rows.column("name").to_pylist() == ["Ada", "Bo"]
    assert table.warnings == ("crm.xlsx: sheet 'Leads' is read, and not 'Deals'; `sheet` of a table chooses another",)
    chosen = open_file(path, TableSource(path="x", sheet="Deals"), Rejects(None))
    assert (chosen.columns, chosen.warnings) == (("id", "won"), ())
    with pytest.raises(ConfigurationError, match="no sheet 'Lead'; allowed: 'Notes', 'Deals', 'Leads', 'Old'"):
        open_file(path, TableSource(path="x", sheet="Lead"), Rejects(None))


def test_the_only_sheet_is_read_whatever_its_name(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "new.xlsx", {"Sheet1": [["id", "name"], [1, "Ada"]]})
    table = open_file(path, TableSource(path="x", sheet="Leads"), Rejects(None))
    assert gather(table).rows.column("name").to_pylist() == ["Ada"]
    assert table.warnings == ("new.xlsx: sheet 'Sheet1' is read, the only one; there is no 'Leads'",)


def test_batches_have_one_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.workbook._BATCH_ROWS", 10)
    rows: list[list[object]] = [[n, n / 2] for n in range(95)]
    path = write_workbook(tmp_path / "leads.xlsx", {"Leads": [["id", "n"], *rows, ["x", 1]]})
    batches = list(open_workbook(path, Rejects(None)).batches)

    assert {str(batch.rows.schema.types) for batch in batches} == {str([pa.string(), pa.float64()])}
    assert len(batches) > 5
    assert [value for batch in batches for value in batch.rows.column("id").to_pylist()] == [*map(str, range(95)), "x"]
    assert read_sample(path).rows == 96


def test_a_cell_far_from_the_table_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.workbook._MOST_CELLS", 100)
    rows: list[list[object]] = [["id", "name"], *([] for _ in range(40)), ["1", "Ada", "far"]]
    path = write_workbook(tmp_path / "leads.xlsx", {"Leads": rows})

    with pytest.raises(InputError, match="sheet of 42 rows and 3 columns"):
        open_workbook(path, Rejects(None))


@pytest.mark.parametrize("seed", range(15))
def test_damaged_workbooks_are_read_or_refused(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = write_workbook(tmp_path / "leads.xlsx", {"Leads": [HEADER, *ROWS]})
    content = bytearray(path.read_bytes())
    for _ in range(4):
        content[rng.randrange(len(content))] = rng.randrange(256)
    path.write_bytes(content)
    with contextlib.suppress(LeadworthError):
        gather(open_file(path, TableSource(path="x"), Rejects(None)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04rest", "damaged zip"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "cannot be read as a spreadsheet"),
        ({"Leads": []}, "no table"),
        ({"Leads": [["only a title"]]}, "no table"),
    ],
)
def test_files_without_a_table_are_input_errors(tmp_path: Path, content: bytes | dict, message: str) -> None:
    path = tmp_path / "leads.xlsx"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        write_workbook(path, content)
    with pytest.raises(InputError, match=message):
        open_file(path, TableSource(path="x"), Rejects(None))
