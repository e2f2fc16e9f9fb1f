from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.phone_metadata import TYPES, Number, look_up

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def by_library(phone: str, region: str | None) -> Number | None:
    """Return the metadata by phonenumbers; None where it cannot parse the number."""
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return Number(False)
    kind = phonenumbers.number_type(number)
    country = phonenumbers.region_code_for_number(number)
    return Number(True, TYPES[kind] if kind < len(TYPES) else None, country if country != "001" else None)


def notations(region: str) -> list[str]:
    """Return numbers of a region of all types in the usual notations, and some with a wrong digit."""
    pool = random.Random(region)
    numbers = []
    for kind in range(11):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        for notation in range(4):
            text = phonenumbers.format_number(example, notation).removeprefix("tel:")
            index = pool.randrange(len(text))
            numbers += [text, text[:index] + str(pool.randrange(10)) + text[index + 1 :], text[:-1]]
    return numbers


@pytest.mark.parametrize("region", REGIONS)
def test_agrees_with_the_library_on_every_plan(region: str) -> None:
    for phone in notations(region):
        for home in (region, "US", None):
            expected = by_library(phone, home)
            if expected is not None:
                assert look_up(phone, home) == expected, (phone, home)


@settings(max_examples=400, deadline=None)
@given(
    phone=st.from_regex(r"\+?[0-9 ()./-]{1,18}", fullmatch=True),
    region=st.sampled_from(["US", "DE", "IT", "GB", "RU", "AR", "BR"]),
)
def test_agrees_with_the_library_on_any_digits(phone: str, region: str) -> None:
    expected = by_library(phone, region)
    if expected is not None and not phone.startswith("00"):
        assert look_up(phone, region) == expected
