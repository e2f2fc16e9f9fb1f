"""Ids without what a spreadsheet adds to them."""

from __future__ import annotations

import pytest

from leadworth.readers.id_reader import canonical_id, read_id


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


@pytest.mark.parametrize("written", ["#20240", "# 20240", "#0020240"])
def test_a_number_sign_is_no_part_of_an_id(written: str) -> None:
    assert canonical_id(written) == "20240"
    assert canonical_id("#") == "#"


@pytest.mark.parametrize("dash", ["\u2010", "\u2013", "\u2014", "\u2212"])
def test_a_dash_of_a_word_processor_is_a_hyphen(dash: str) -> None:
    assert canonical_id(f"L{dash}0012") == canonical_id("L-0012")
