"""Formats of click ids, client ids and ids of lead ads."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversions.person_identifiers import PLATFORM_IDS
from conversions.sandbox.payload_schemas import is_analytics_id
from leadworth.identifier_formats import valid_id


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1234567890.1764000000", "1234567890.1764000000"),
        ("GA1.1.1234567890.1764000000", "1234567890.1764000000"),
        ("GA1.2-2.1234567890.1764000000", "1234567890.1764000000"),
        ("GA1.3.12.1764000000", "12.1764000000"),
        ("_ga=GA1.1.1234567890.1764000000", "1234567890.1764000000"),
        ("_fbp=fb.1.1; _ga_X1=GS1.1.1764.1; _ga=GA1.1.12.1764000000; other=1", "12.1764000000"),
        ("6f9619ff-8b86-d011-b42d-00c04fc964ff", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("GS1.1.1764000000.5.1.1764000100.0.0.0", None),
        ("GS2.1.s1764000000$o1$g0$t1764000000$j60$l0$h0", None),
        ("_ga_X1=GS1.1.1764000000.5.1.1764000100.0.0.0", None),
        ("GA1.1.", None),
        ("1764000000", None),
        ("undefined", None),
        ("(not set)", None),
        ("ada@example.org", None),
    ],
)
def test_the_client_id_of_analytics(written: str, read: str | None) -> None:
    assert valid_id("ga_client_id", written) == read


@pytest.mark.parametrize("field", PLATFORM_IDS)
@pytest.mark.parametrize(
    "word", ["undefined", "Undefined", "NULL", "Null", "none", "NaN", "(not set)", "{{gclid}}", "-"]
)
def test_a_placeholder_is_no_id(field: str, word: str) -> None:
    assert valid_id(field, word) is None


STAND_INS = (
    *("not_set", "__CLICKID__", "CLICK_ID", "click-id", "GCLID", "gclid", "fbclid", "YOUR_GCLID", "your-gclid-here"),
    *("test", "TEST_gclid", "true", "false", "0", "-1", "00000", "xxxxxx", "-----", "undefined.undefined", "null-null"),
    *(
        "00000000-0000-0000-0000-000000000000",
        "f" * 32,
        "ob_click_id",
        "insert-click-id-here",
        "REPLACE_ME",
        "placeholder",
        "unassigned",
        "None.None",
        "~~~~~~",
    ),
    *("fb.1.1764412000000.undefined", "fb.1.1764412000000.null", "fb.1.0000000000000.abcdefgh", "fb.1.1.IwAR0"),
)
"""Macros that were not filled in, words of tests and programs, repeated characters."""


@pytest.mark.parametrize("field", PLATFORM_IDS)
def test_what_stands_in_for_an_id_is_none(field: str) -> None:
    in_cookies = [word for word in STAND_INS if word.startswith("fb.")] if field not in ("fbc", "fbp") else []
    assert {word: valid_id(field, word) for word in STAND_INS if word not in in_cookies} == dict.fromkeys(
        [word for word in STAND_INS if word not in in_cookies]
    )


@given(st.sampled_from(["gclid", "ttclid", "li_fat_id", "twclid"]), st.binary(min_size=12, max_size=60), st.uuids())
def test_no_id_that_is_random_is_taken_for_a_word(field: str, content: bytes, uuid: UUID) -> None:
    for written in (urlsafe_b64encode(b"\x1c" + content + b"\x9a\xfb").decode().rstrip("="), str(uuid)):
        assert valid_id(field, written) == (written if len(set(written) - {"-", "_"}) > 1 else None)


@pytest.mark.parametrize(
    ("field", "written", "read"),
    [
        ("meta_lead_id", "l:1234567890123456", "1234567890123456"),
        ("meta_lead_id", "1234567890123456.0", "1234567890123456"),
        ("meta_lead_id", "1.23457E+15", None),
        ("msclkid", "_uet0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        ("msclkid", "0123456789abcdef", None),
        ("ttclid", "E.C.P.Cj0_a-b", "E.C.P.Cj0_a-b"),
        ("fbc", "fb.1.1764000000000.IwAR0_aem_x-y", "fb.1.1764000000000.IwAR0_aem_x-y"),
        ("fbc", "IwAR0test", None),
        ("gclid", "Cj0KCQ test", None),
    ],
)
def test_ids(field: str, written: str, read: str | None) -> None:
    assert valid_id(field, written) == read


@given(st.sampled_from(PLATFORM_IDS), st.text())
def test_what_is_read_is_read_again_unchanged(field: str, written: str) -> None:
    read = valid_id(field, written)
    assert read is None or (valid_id(field, read) == read and read.isascii() and " " not in read)


@given(st.integers(1, 10**10), st.integers(10**9, 2 * 10**9), st.sampled_from(["GA1.1.", "GA1.2.", "GA1.2-2.", ""]))
def test_every_cookie_gives_a_client_id_that_the_platform_takes(number: int, at: int, prefix: str) -> None:
    read = valid_id("ga_client_id", f"{prefix}{number}.{at}")
    assert read == f"{number}.{at}"
    assert is_analytics_id(read)
