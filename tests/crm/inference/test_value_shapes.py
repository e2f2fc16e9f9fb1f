"""Ranges of numbers and masked personal data."""

from __future__ import annotations

import pytest

from crm.inference.column_profile import profile_column
from crm.inference.value_shapes import is_masked, is_range


@pytest.mark.parametrize(
    "value",
    [
        "51-200",
        "30001-50000",
        "1.001 – 5.000",
        "501 to 1000",
        "1.000 bis 5.000 €",
        "5 000 à 10 000 €",
        "$1M - $5M",
        "1-10명",
        "10.000-25.000 EUR",
        "10 - 50 employees",
        "1000+",
        "< 10",
        "Under 50",
        "über 500",
        "più di 100",
        "plus de 50",
    ],
)
def test_ranges(value: str) -> None:
    assert is_range(value)


@pytest.mark.parametrize(
    "value", ["2024-05-01", "31-12-2024", "200-51", "+39 333 123456", "12.50", "-5", "A-100", "10:00-11:00"]
)
def test_other_values_with_a_hyphen(value: str) -> None:
    assert not is_range(value)


@pytest.mark.parametrize(
    "value",
    [
        "ma***@example.org",
        "m•••@example.org",
        "+1 *** *** 1234",
        "XXX-XXX-1234",
        "12********90",
        "J*** D***",
        "[redacted]",
    ],
)
def test_masked_values(value: str) -> None:
    assert is_masked(value)


@pytest.mark.parametrize(
    "value", ["*****", "**", "XXX", "ada@example.org", "C## developer", "**Important** call back", "xxl"]
)
def test_values_with_marks_that_are_not_masked(value: str) -> None:
    assert not is_masked(value)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1-10", "11-50", "51-200", "201-500"] * 5, "range"),
        (["30001-50000", "10001-30000", "1-10000"], "range"),
        (["1 bis 9", "10 bis 49", "50 bis 249", "mehr als 250"] * 3, "range"),
        ([f"555-{1200 + 37 * number}" for number in range(70)], "code"),
        ([f"030-{901_820 + number}" for number in range(70)], "phone"),
        ([f"006{20_000 + number}" for number in range(70)], "number"),
        ([f"1 {200 + number} 300" for number in range(70)], "number"),
        ([f"p***{number}@example.org" for number in range(70)], "masked"),
        ([f"+1 *** *** {1000 + number}" for number in range(70)], "masked"),
    ],
)
def test_kinds_of_columns(values: list[str], kind: str) -> None:
    assert profile_column("x", values).kind == kind
