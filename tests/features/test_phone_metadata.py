from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.phone_metadata import TYPES, Number, dialled, look_up

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
            expected = by_library(dialled(phone, home), home)
            if expected is not None:
                assert look_up(phone, home) == expected, (phone, home)


@settings(max_examples=400, deadline=None)
@given(
    phone=st.from_regex(r"\+?[0-9 ()./-]{1,18}", fullmatch=True),
    region=st.sampled_from(["US", "DE", "IT", "GB", "RU", "AR", "BR"]),
)
def test_agrees_with_the_library_on_any_digits(phone: str, region: str) -> None:
    expected = by_library(dialled(phone, region), region)
    if expected is not None and not phone.startswith("00"):
        assert look_up(phone, region) == expected


@pytest.mark.parametrize(("phone", "region"), [("+()./", None), ("+- - -", "DE")])
def test_a_plus_sign_without_digits_is_no_number(phone: str, region: str | None) -> None:
    assert look_up(phone, region).valid is False


@pytest.mark.parametrize(
    ("phone", "region"),
    [
        ("+39 2 5512345", None),
        ("25512345", "IT"),
        ("39025512345", "IT"),
        ("1711234567", "DE"),
        ("491711234567", "DE"),
        ("4915123456789", "DE"),
        ("62812345678", "ID"),
        ("612345678", "FR"),
        ("436641234567", "AT"),
    ],
)
def test_damage_by_a_spreadsheet_is_no_sign_of_an_invalid_number(phone: str, region: str | None) -> None:
    assert look_up(phone, region).valid


@pytest.mark.parametrize(
    ("phone", "once"),
    [
        ("+49 49 151 23456789", "+4915123456789"),
        ("+44447911123456", "+447911123456"),
        ("+39 39 333 1234567", "+393331234567"),
        ("+358 358 40 1234567", "+358401234567"),
    ],
)
def test_a_country_code_that_is_written_twice_counts_once(phone: str, once: str) -> None:
    assert dialled(phone, None) == once
    assert look_up(phone, None) == by_library(once, None)


@pytest.mark.parametrize("phone", ["+494915123456", "+5555987654321", "+393912345678", "+39039123456", "+77012345678"])
def test_an_area_code_that_begins_as_the_country_code_is_kept(phone: str) -> None:
    assert look_up(phone, None).valid
    assert dialled(phone, None) == phone


@pytest.mark.parametrize("region", REGIONS)
def test_no_valid_number_is_changed(region: str) -> None:
    for kind in range(11):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None:
            written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            assert dialled(written, region) == written


@pytest.mark.parametrize(("phone", "region"), [("12345", "IT"), ("+39 1", None), ("000000", "DE"), ("+49 30 1", "DE")])
def test_an_invalid_number_stays_invalid(phone: str, region: str | None) -> None:
    assert look_up(phone, region).valid is False


@pytest.mark.parametrize("number", ["(+39) 333 1234567", "(+49) 30 901820", "(+1) 650 253 0000", "(+39) 12", "(+)"])
@pytest.mark.parametrize("region", [None, "DE"])
def test_a_plus_sign_in_brackets_is_read_as_the_library_reads_it(number: str, region: str | None) -> None:
    expected = by_library(number, region)
    assert look_up(number, region) == look_up(number.replace("(", ""), region)
    assert expected is None or look_up(number, region) == expected
