"""Lists in one cell are split, each element once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.readers.list_reader import read_list


@pytest.mark.parametrize(
    "written",
    [
        "1;2;3",
        "1; 2; 3",
        "1,2,3",
        "1|2|3",
        "1\n2\n3",
        "[1, 2, 3]",
        '["1","2","3"]',
        "{1,2,3}",
        "1、2、3",
        [1, 2, 3],
        ("1", "2", "3", "1"),
    ],
)
def test_lists(written: object) -> None:
    assert read_list(written) == ("1", "2", "3")


@pytest.mark.parametrize("written", [None, "", "-", "[]", "N/A", [], [None], float("nan")])
def test_missing(written: object) -> None:
    assert read_list(written) == ()


@given(st.text(max_size=30))
def test_no_text_raises(written: str) -> None:
    assert all(read_list(written))
