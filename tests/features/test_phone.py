from __future__ import annotations

import math
import random

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.countries import country_key, region_of
from features.numbering import TYPES, Number, look_up
from features.phone import GROUP
from tests.features.cells import cells

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def by_library(phone: str, region: str | None) -> Number | None:
    """What phonenumbers says; None where it can say nothing."""
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return Number(False)
    kind = phonenumbers.number_type(number)
    found = phonenumbers.region_code_for_number(number)
    return Number(True, TYPES[kind] if kind < len(TYPES) else None, found if found != "001" else None)


def written(region: str) -> list[str]:
    """Numbers of a region of all types, in the usual notations, and some with a digit changed."""
    pool, made = random.Random(region), []
    for kind in range(11):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        for notation in range(4):
            text = phonenumbers.format_number(example, notation).removeprefix("tel:")
            at = pool.randrange(len(text))
            made += [text, text[:at] + str(pool.randrange(10)) + text[at + 1 :], text[:-1]]
    return made


@pytest.mark.parametrize("region", REGIONS)
def test_agrees_with_the_library_on_every_plan(region: str) -> None:
    for phone in written(region):
        for home in (region, "US", None):
            expected = by_library(phone, home)
            if expected is not None:
                assert look_up(phone, home) == expected, (phone, home)


@settings(max_examples=400, deadline=None)
@given(
    phone=st.from_regex(r"\+?[0-9 ()./-]{1,18}", fullmatch=True),
    region=st.sampled_from(["US", "DE", "IT", "GB", "RU", "AR", "BR"]),
)
def test_agrees_with_the_library_on_whatever_is_typed(phone: str, region: str) -> None:
    expected = by_library(phone, region)
    if expected is not None and not phone.startswith("00"):
        assert look_up(phone, region) == expected


def test_without_a_country_a_national_number_is_neither_valid_nor_invalid() -> None:
    found = cells(GROUP, "030 901820")
    assert isinstance(found["phone_valid"], float)
    assert math.isnan(found["phone_valid"])
    assert cells(GROUP, "030 901820", "Germany")["phone_valid"] == 1.0
    assert cells(GROUP, "0049 30 901820")["phone_valid"] == 1.0
    assert cells(GROUP, "call me maybe")["phone_valid"] == 0.0
    assert cells(GROUP, "12")["phone_valid"] == 0.0


def test_country_and_type() -> None:
    found = cells(GROUP, "+44 7400 123456", "Italia")
    assert (found["phone_type"], found["phone_country"], found["phone_country_match"]) == ("mobile", "gb", 0.0)


@pytest.mark.parametrize(
    ("phone", "repeated", "rising"),
    [("555-5555", 7, 1), ("12345678", 1, 8), ("98765", 1, 5), ("112233", 2, 2), ("x", 1, 1)],
)
def test_patterns_of_digits(phone: str, repeated: int, rising: int) -> None:
    found = cells(GROUP, phone)
    assert (found["phone_repeated"], found["phone_rising"]) == (repeated, rising)


@pytest.mark.parametrize("name", ["IT", "ita", "Italy", "Italia", "Italien", "Italie", "Италия", "이탈리아", " italy"])
def test_countries_in_seven_languages(name: str) -> None:
    assert region_of(name) == "IT"
    assert country_key(name) == "it"
