"""Masked examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.inference.masking import PERSONAL_KINDS, mask


@given(
    st.text(st.characters(categories=["L", "N", "P"]), min_size=8, max_size=30), st.sampled_from(sorted(PERSONAL_KINDS))
)
def test_personal_values_are_never_shown_whole(value: str, kind: str) -> None:
    assert value not in mask(value, kind)


@pytest.mark.parametrize("value", ["no address", "ada@localhost", "12345678.90"])
def test_a_value_that_is_not_of_its_kind_is_masked(value: str) -> None:
    assert value not in mask(value, "email")
    assert value not in mask(value, "ip")


@pytest.mark.parametrize(("value", "expected"), [("web", "web"), ("x" * 50, "x" * 37 + "...")])
def test_categories_are_shown_up_to_40_characters(value: str, expected: str) -> None:
    assert mask(value, "category") == expected
