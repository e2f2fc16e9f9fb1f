"""Redaction: no e-mail address, phone number or click id remains in a text."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.privacy import REDACTED, redact
from leadworth.records import CLICK_IDS

around = st.text(alphabet=string.ascii_letters + " :;,.()/=\"'\n", max_size=20)
token = st.text(alphabet=string.ascii_letters + string.digits + "-_", min_size=8, max_size=90)


@given(around, st.emails(), around)
def test_no_email_survives(before: str, email: str, after: str) -> None:
    written = redact(f"{before} {email} {after}")
    assert email not in written
    assert email.rsplit("@", 1)[1] not in written.replace(REDACTED, "").split()


@given(
    st.sampled_from(["+39 02 1234 5678", "+4915112345678", "0049 151 12345678", "02/1234567", "(202) 555-0123"])
    | st.integers(10**9, 10**15 - 1).map(str)
    | st.from_regex(r"\+[1-9][0-9]{9,13}", fullmatch=True)
)
def test_no_phone_survives(phone: str) -> None:
    assert redact(f"called {phone}, no answer") == f"called {REDACTED}, no answer"


@given(st.sampled_from(CLICK_IDS), token, st.sampled_from(["{}={}", '"{}": "{}"', "{}: {}", "?x=1&{}={}&y=2"]))
def test_no_click_id_survives_behind_its_name(name: str, value: str, form: str) -> None:
    assert value not in redact(form.format(name, value))


@pytest.mark.parametrize(
    "secret",
    [
        "Cj0KCQiA5NSABhDuARIsAEW9Hp2example_9fT",
        "GCL.1699999999.EAIaIQobChMI0example12345",
        "fb.1.1558571054389.1098115397",
        "_fbp=fb.1.1596403881668.1116446470",
        "ada%40example.org",
        "postgresql://user:password@db/leads",
    ],
)
def test_known_forms_do_not_survive_on_their_own(secret: str) -> None:
    assert secret not in redact(f"seen {secret} here")
    assert REDACTED in redact(secret)


@pytest.mark.parametrize(
    "harmless",
    [
        "trained as of 2026-11-22T01:04:32.123456+00:00",
        "on 2026-11-22 01:04:32 in 0.123456789 s",
        "request 550e8400-e29b-41d4-a716-446655440000",
        "bundle 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "scored 1000000 leads at 127.0.0.1:8000",
        "GET /v1/scores/lead-4711 200",
        "win_probability 0.0312 expected_revenue 120000.5",
    ],
)
def test_what_a_log_needs_is_left(harmless: str) -> None:
    assert redact(harmless) == harmless


@given(st.text())
def test_redaction_never_raises_and_is_final(text: str) -> None:
    assert redact(redact(text)) == redact(text)


def test_a_long_text_does_not_take_long() -> None:
    assert redact("a" * 200_000) == "a" * 200_000
