from __future__ import annotations

import math

import pytest

from features.phone import GROUP
from tests.features.cells import cells


def test_validity_of_a_national_number_without_a_country_is_missing() -> None:
    values = cells(GROUP, "030 901820")
    assert isinstance(values["phone_valid"], float)
    assert math.isnan(values["phone_valid"])
    assert cells(GROUP, "030 901820", "Germany")["phone_valid"] == 1.0
    assert cells(GROUP, "0049 30 901820")["phone_valid"] == 1.0
    assert cells(GROUP, "call me maybe")["phone_valid"] == 0.0
    assert cells(GROUP, "12")["phone_valid"] == 0.0


def test_country_and_type() -> None:
    values = cells(GROUP, "+44 7400 123456", "Italia")
    assert (values["phone_type"], values["phone_country"], values["phone_country_match"]) == ("mobile", "gb", 0.0)


@pytest.mark.parametrize(
    ("phone", "repeated", "rising"),
    [("555-5555", 7, 1), ("12345678", 1, 8), ("98765", 1, 5), ("112233", 2, 2), ("x", 1, 1)],
)
def test_patterns_of_digits(phone: str, repeated: int, rising: int) -> None:
    values = cells(GROUP, phone)
    assert (values["phone_repeated"], values["phone_rising"]) == (repeated, rising)
