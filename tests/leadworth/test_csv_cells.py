"""Cells of CSV files: no formula is written, and each cell is read back as it was."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadworth.csv_cells import neutralise, neutralise_column, restore, restore_column

SIGNS = "=+-@\t\r\n ' \u00a0\uff1d1,.Ae("
CELLS = st.one_of(st.text(), st.text(st.sampled_from(SIGNS), max_size=8), st.text().map("=".__add__))


@given(CELLS)
@example("'=1")
@example("\r=1")
@example("-1\n")
@example("'" * 3 + "@x")
def test_each_cell_is_restored_and_none_begins_a_formula(cell: str) -> None:
    written = neutralise(cell)
    assert restore(written) == cell
    assert written in (cell, "'" + cell)
    assert not written.startswith(("=", "@", "\t", "\r", "\n"))
    if written.startswith(("+", "-")):
        assert not any(character.isalpha() for character in written.lower().replace("e", ""))


@given(st.lists(st.one_of(st.none(), CELLS.filter(lambda cell: "\x00" not in cell))))
def test_a_column_is_its_cells(cells: list[str | None]) -> None:
    column = pa.array(cells, pa.string())
    written = neutralise_column(column)
    assert written.to_pylist() == [None if cell is None else neutralise(cell) for cell in cells]
    assert restore_column(written).to_pylist() == cells
    assert restore_column(column).to_pylist() == [None if cell is None else restore(cell) for cell in cells]


@pytest.mark.parametrize(
    "cell", ["-1", "-1.5e-05", "+49 170 1234567", "+39 (0)2/555-12", "-12,50 %", "-", "00A1", "", "-1'000.00", "'Acme'"]
)
def test_numbers_and_phones_stay(cell: str) -> None:
    assert neutralise(cell) == cell


@pytest.mark.parametrize(
    "cell", ["=1", " =1", "@SUM(1)", "+cmd|' /C calc'!A0", "-2+A1", "\t1", "\r1", "\uff1dA1", "-1E5+A1", "+49 170 x"]
)
def test_formulas_get_an_apostrophe(cell: str) -> None:
    assert neutralise(cell) == "'" + cell
