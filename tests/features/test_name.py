from __future__ import annotations

import math

import pytest

from features.name import GROUP
from tests.features.cells import cells

REAL = [
    ("Krzysztof", "Brzęczyszczykiewicz"),
    ("Zbigniew", "Szczęsny"),
    ("Hyunwoo", "Kim"),
    ("Gyeong", "Hwang"),
    ("Tewodros", "Gebreselassie"),
    ("Tsegaye", "Woldemariam"),
    ("Ronald", "McDonald"),
    ("Sinéad", "O'Connor"),
    ("Nguyễn", "Thị Hương"),
    ("Jiří", "Dvořák"),
    ("Gyöngyi", "Székely"),
    ("Xiulan", "Zheng"),
    ("Sibusiso", "Ndlovu"),
    ("Jürgen", "Klöpper"),
    ("Ng", "Li"),
    ("Jean-François", "Lefèvre"),
    ("Vishwanath", "Krishnamurthy"),
    ("Þórdís", "Gunnarsdóttir"),
    ("Mbali", "Nxumalo"),
    ("Tyler", "Schwartz"),
]


@pytest.mark.parametrize(("first", "last"), REAL)
def test_names_of_many_countries_are_not_gibberish(first: str, last: str) -> None:
    values = cells(GROUP, first, last)
    assert isinstance(values["name_gibberish"], float)
    assert values["name_gibberish"] < 1
    assert (values["name_turns"], values["name_placeholder"], values["name_digits"], values["name_url"]) == (0, 0, 0, 0)


def test_random_capitals_are_counted_and_those_of_names_are_not() -> None:
    assert cells(GROUP, "uKguQGoDbyxINzx", "XkTpwQz")["name_turns"] >= 4
    assert cells(GROUP, "LaToya", "DeSilva MacLeod VanDyke")["name_turns"] == 0


def test_gibberish_of_other_scripts_is_missing() -> None:
    gibberish = cells(GROUP, "김", "민준")["name_gibberish"]
    assert isinstance(gibberish, float)
    assert math.isnan(gibberish)


def test_texts_that_are_not_names() -> None:
    assert cells(GROUP, "Test", "Tester")["name_placeholder"] == 1.0
    assert cells(GROUP, "ada", "ADA")["name_same"] == 1.0
    assert cells(GROUP, "Buy at www.x.ru", None)["name_url"] == 1.0
    assert cells(GROUP, "Ada99", None)["name_digits"] == 1.0


@pytest.mark.parametrize(
    ("email", "agreement"),
    [
        ("ada.lovelace@acme.de", 1.0),
        ("a.lovelace@acme.de", 1.0),
        ("ada99@gmail.com", 0.5),
        ("ada.lovelace99@icloud.com", 1.0),
        ("bluelamp77@gmail.com", 0.0),
        ("j.miller@acme.de", 0.0),
    ],
)
def test_agreement_with_the_email_address(email: str, agreement: float) -> None:
    assert cells(GROUP, "Ada", "Lovelace", email)["name_email_match"] == agreement


@pytest.mark.parametrize(
    "email",
    [
        "b48213977xk@privaterelay.appleid.com",
        "dusty_heron.0w@icloud.com",
        "01-tinker.vowels@icloud.com",
        "quiet.river4821@fastmail.com",
        "info@acme.de",
        "testing@acme.de",
        "al@acme.de",
        "xyz@acme.de",
        "asdf",
    ],
)
def test_an_address_that_cannot_contain_a_name_says_nothing_of_it(email: str) -> None:
    values = cells(GROUP, "Ada", "Lovelace", email)
    assert math.isnan(values["name_email_match"])  # type: ignore[arg-type]
    assert math.isnan(values["name_email_other"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("email", "other"),
    [
        ("bluelamp77@gmail.com", 0.0),
        ("blue.lamp77@gmail.com", 0.0),
        ("jo.miller@icloud.com", 1.0),
        ("j.miller@acme.de", 1.0),
        ("jo-miller@gmail.com", 1.0),
        ("a.lovelace@x.de", 0.0),
    ],
)
def test_a_nickname_is_no_other_name(email: str, other: float) -> None:
    assert cells(GROUP, "Ada", "Lovelace", email)["name_email_other"] == other


def test_agreement_ignores_accents() -> None:
    assert cells(GROUP, "Łukasz", "Müller", "lukasz.muller@acme.de")["name_email_match"] == 1.0
