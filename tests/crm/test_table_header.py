"""Headers below title lines."""

from __future__ import annotations

import pytest

from crm.table_header import filled, find_header

NAMES = ["id", "Created", "Name"]
ROWS = [["K1", "2024-01-02", "Ada"], ["K2", "2024-01-03", "Bo"]]


@pytest.mark.parametrize(
    ("records", "header"),
    [
        ([NAMES, *ROWS], (0, 3)),
        ([["Leads"], [], NAMES, *ROWS], (2, 3)),
        ([["Leads", "", ""], ["", "", ""], NAMES, *ROWS], (2, 3)),
        ([["Report", "Leads", ""], ["", "", ""], NAMES, *ROWS], (2, 3)),
        ([["Report", "Leads"], ["By", "Ann"], NAMES, *ROWS], (2, 3)),
        ([NAMES, *[[*row, ""] for row in ROWS]], (0, 4)),
        ([[*NAMES], *[[*row, "x"] for row in ROWS]], (0, 3)),
        ([["", "id", "Name"], ["0", "1", "Ada"], ["1", "2", "Bo"]], (0, 3)),
        ([["Name", "City"], ["Ada", "Rome"], ["Bo", "Paris"]], (0, 2)),
        ([["id"], ["1"]], (0, 1)),
        ([[], NAMES], (1, 3)),
        ([], (0, 0)),
    ],
)
def test_the_header_is_found(records: list[list[str]], header: tuple[int, int]) -> None:
    assert find_header(records) == header


def test_blank_cells_are_not_filled() -> None:
    assert filled(["a", " ", "", "0"]) == 2
