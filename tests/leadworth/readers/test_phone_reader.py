"""Phone numbers lose what a spreadsheet or a person added, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.readers.phone_reader import read_phone
from leadworth.unreadable import Unreadable, readable


@pytest.mark.parametrize("written", ["3.9E+11", "3,9E+11", "4.91512E+11", "####", float("inf"), 1.5])
def test_lost_digits_are_unreadable(written: object) -> None:
    assert isinstance(read_phone(written), Unreadable)


@pytest.mark.parametrize(
    "written",
    [
        "+49 (0)30 123456 ext. 12",
        "1-800-FLOWERS",
        "call me",
        "030 123456 / 030 999999",
        "030.123.456",
        "+1 (555) 123-4567",
    ],
)
def test_what_belongs_to_a_number_is_kept(written: str) -> None:
    assert read_phone(written) == written


@given(st.text(max_size=70))
def test_no_text_raises_and_reading_twice_changes_nothing(written: str) -> None:
    phone = readable(read_phone(written))
    assert phone is None or (len(phone) <= 60 and read_phone(phone) == phone)


@given(
    st.from_regex(r"\+[1-9][0-9]{7,13}", fullmatch=True),
    st.sampled_from(["{}.0", "'{}", "{} (home)", "tel: {}", '="{}"']),
)
def test_damage_is_undone(number: str, damage: str) -> None:
    assert read_phone(damage.format(number)) == number
