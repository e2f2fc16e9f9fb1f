"""Rows of a file, and the lines above and below its table."""

from __future__ import annotations

from pathlib import Path

from crm.rejects import Rejects
from reporting.imports.import_table import ImportFile, ImportTable, MarginalLines, TableLine


def read(path: Path, text: str) -> ImportTable:
    path.write_text(text, encoding="utf-8")
    return ImportFile(path, Rejects(None)).read()


def test_preamble_rows_and_total(tmp_path: Path) -> None:
    table = read(
        tmp_path / "a.csv",
        "Campaign report\nAccount: 123-456-7890\nDay,Campaign,Cost\n2026-10-01,Brand,1.50\n2026-10-02,Brand,2.00\n"
        "Total,,3.50\n",
    )
    assert table.columns == ("Day", "Campaign", "Cost")
    assert table.preamble == ["Campaign report", "Account: 123-456-7890"]
    assert [line.line for line in table.lines] == [4, 5, 6]
    assert table.column("Cost") == ["1.50", "2.00", "3.50"]
    assert table.faulty == 0


def test_a_row_of_another_width_is_faulty_and_a_sentence_is_a_footer(tmp_path: Path) -> None:
    table = read(
        tmp_path / "a.csv",
        "Day,Campaign,Cost\n2026-10-01,Brand,1.50\n2026-10-02,Brand,2.00,9,9\nData may be delayed\n",
    )
    assert table.column("Day") == ["2026-10-01"]
    assert table.footer == ["Data may be delayed"]
    assert table.faulty == 1


def test_cells_of_a_column() -> None:
    table = ImportTable("a.csv", ("Day", "Cost"), [TableLine(2, ("x", 1)), TableLine(3, ("y", None))], [], [], 0)
    assert table.column("Cost") == [1, None]


def test_marginal_lines_are_no_rejects() -> None:
    rejects = Rejects(None)
    lines = MarginalLines(rejects)
    lines.add(1, "too few columns", "Exported by Acme")
    lines.add(2, "too few columns", "2026-10-01,Brand")
    assert [line for line, _, _ in lines.marginal] == [1]
    assert (lines.count, rejects.count) == (1, 1)
