"""Ids without what a spreadsheet adds to them."""

from __future__ import annotations

import pytest

from leadworth.readers.id_reader import read_id


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("20240.0", "20240"),
        ("20240,00", "20240"),
        ("20240.000", "20240"),
        ("7.0000", "7"),
        ("20,000", "20,000"),
        ("20.000", "20.000"),
        ("1.5", "1.5"),
    ],
)
def test_decimals_of_a_whole_number_are_removed(written: str, read: str) -> None:
    assert read_id(written) == read
