"""Consent is granted only where a known word says so."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.consent import not_understood, read_consent
from leadworth.records import Lead


@pytest.mark.parametrize(
    "value",
    [
        "granted",
        "GRANTED",
        "CONSENT_GRANTED",
        " Yes ",
        "on",
        "ON",
        "opt-in",
        "OptIn",
        "samtykker",
        "Godkänner",
        "hyväksyn",
        "已同意",
        "Opted In",
        "accepted",
        "true",
        "TRUE",
        True,
        1,
        1.0,
        "1",
        "ja",
        "Sì",
        "si",
        "oui",
        "J’accepte",
        "да",
        "동의",
        "同意する",
        "Evet",
    ],
)
def test_granted(value: object) -> None:
    assert read_consent(value) is True
    assert not_understood(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "denied",
        "DENIED",
        "samtykker ikke",
        "en hyväksy",
        "未授权",
        "CONSENT_DENIED",
        "no",
        "off",
        "opt_out",
        "OPT-OUT",
        "declined",
        "rejected",
        "withdrawn",
        "revoked",
        "false",
        False,
        0,
        0.0,
        "0",
        "nein",
        "non",
        "нет",
        "거부",
        "拒否",
        "Hayır",
        "HAYIR",
        "none",
        "unknown",
    ],
)
def test_denied(value: object) -> None:
    assert read_consent(value) is False
    assert not_understood(value) is None


@pytest.mark.parametrize("value", [None, "", "  ", math.nan, "UNSPECIFIED", "CONSENT_STATUS_UNSPECIFIED"])
def test_not_recorded(value: object) -> None:
    assert read_consent(value) is None
    assert not_understood(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "ask me later",
        "yes and no",
        "2",
        2,
        "G100",
        "-",
        "x",
        ["granted"],
        "not yes",
        "!yes",
        "! 1",
        ".1",
        ",1",
        "1---",
        "1–",
        "-yes",
    ],
)
def test_what_is_not_understood_is_not_granted(value: object) -> None:
    assert read_consent(value) is False
    assert not_understood(value) is not None


REFUSALS = (Path(__file__).parent / "data" / "refusals.txt").read_text(encoding="utf-8").splitlines()
"""What people, forms and consent platforms write who do not consent, in many languages."""


@pytest.mark.parametrize("form", ["{}", "{}.", "{}!", '"{}"', " {} ", "{}\u200b"])
def test_no_refusal_is_read_as_consent(form: str) -> None:
    for word in REFUSALS:
        for written in (word, word.upper(), word.title(), word.replace(" ", "_"), word.replace(" ", "-")):
            assert read_consent(form.format(written)) is False, written


def test_a_long_value_is_not_understood_and_cut() -> None:
    assert read_consent("granted" + "." * 600) is read_consent("yes" + " " * 600 + "not") is False
    assert not_understood("z" * 500) == "z" * 40


@given(st.text())
def test_any_text_is_read_the_same_twice(written: str) -> None:
    read = read_consent(written)
    assert read_consent(read) is read


def test_a_lead_that_was_denied_says_so() -> None:
    lead = Lead(consent_ad_user_data="denied", consent_ad_personalization="granted")
    assert (lead.consent_ad_user_data, lead.consent_ad_personalization) == (False, True)
    assert Lead(consent_ad_user_data="sometimes").consent_ad_user_data is False
    assert Lead(consent_ad_user_data="").consent_ad_user_data is None
