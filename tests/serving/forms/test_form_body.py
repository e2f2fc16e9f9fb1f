"""Submissions of forms as browsers write them."""

from __future__ import annotations

import asyncio
from encodings.aliases import aliases
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from serving.forms.form_body import MAX_FIELDS, URLENCODED, read_form
from serving.problems import Problem

NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
FORMS = st.dictionaries(NAMES, TEXTS, max_size=8)


def fields_of(body: bytes, content_type: str | None) -> dict[str, Any]:
    """Return what `read_form` reads of a request with this body."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [] if content_type is None else [(b"content-type", content_type.encode("latin-1"))]
    return asyncio.run(read_form(Request({"type": "http", "method": "POST", "headers": headers}, receive)))


def multipart(fields: dict[str, str], *more: str) -> tuple[bytes, str]:
    """Return a body and its content type as browsers write them (HTML, "multipart/form-data encoding algorithm")."""
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}' for name, text in fields.items()]
    body = "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in (*parts, *more)) + f"--{BOUNDARY}--\r\n"
    return body.encode(), f"multipart/form-data; boundary={BOUNDARY}"


@given(FORMS)
def test_urlencoded_fields_are_read(fields: dict[str, str]) -> None:
    assert fields_of(urlencode(fields).encode(), "application/x-www-form-urlencoded; charset=UTF-8") == fields
    assert fields_of(urlencode(fields).encode(), None) == fields


@given(FORMS.filter(bool))
def test_multipart_fields_are_read(fields: dict[str, str]) -> None:
    assert fields_of(*multipart(fields)) == fields


@pytest.mark.parametrize("charset", ["iso-8859-1", "Latin1", '"windows-1252"', "ISO-8859-15"])
def test_the_charset_of_an_old_page_is_read(charset: str) -> None:
    assert fields_of(b"first_name=Zo%EB", f"application/x-www-form-urlencoded; charset={charset}") == {
        "first_name": "Zoë"
    }
    body, content_type = multipart({"first_name": "Zo?"})
    assert fields_of(body.replace(b"?", b"\xeb"), f"{content_type}; charset={charset}") == {"first_name": "Zoë"}


ALL_CODECS = sorted({*aliases.values(), "idna", "punycode", "undefined", "raw_unicode_escape", "unicode_escape"})
LONG = "b" * 300_000
"""Of a size that punycode and idna of Python decode in minutes."""


@pytest.mark.parametrize("parameter", ["charset={}", 'charset="{}"', "charset*=utf-8''{}"])
def test_no_declared_charset_fails_or_delays_a_form(parameter: str) -> None:
    body, content_type = multipart({"first_name": "Zoë", "company": LONG})
    for codec in (*ALL_CODECS, "x" * 300, "é", "\x80", ""):
        for read in (
            fields_of(body, f"{content_type}; {parameter.format(codec)}"),
            fields_of(urlencode({"company": LONG}).encode(), f"{URLENCODED}; {parameter.format(codec)}"),
        ):
            assert len(read["company"]) == len(LONG)


def test_files_are_left_out_and_the_last_value_of_a_field_counts() -> None:
    file = 'Content-Disposition: form-data; name="cv"; filename="cv.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF'
    again = 'Content-Disposition: form-data; name="email"\r\n\r\nada@acme.example'
    assert fields_of(*multipart({"email": "wrong"}, file, again)) == {"email": "ada@acme.example"}


def test_a_long_field_is_read() -> None:
    text = "x" * 1_500_000
    assert fields_of(*multipart({"message": text})) == {"message": text}


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", None])
@given(body=st.binary(max_size=300) | st.binary(max_size=80).map(lambda noise: b'--b\r\nname="x"' + noise + b"\r\n--b"))
def test_any_body_is_read_or_refused(content_type: str | None, body: bytes) -> None:
    try:
        fields = fields_of(body, content_type)
    except Problem as problem:
        fields = {"refused": problem.code}
    assert fields.get("refused", "malformed-form") == "malformed-form"
    assert isinstance(fields, dict)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"&".join([b"a=1"] * (MAX_FIELDS + 1)), None, 422),
        (
            multipart({f"f{number}": "" for number in range(MAX_FIELDS + 1)})[0],
            f"multipart/form-data; boundary={BOUNDARY}",
            422,
        ),
        (b"--b", "multipart/form-data", 422),
        (b"{", "application/json", 422),
        (b"a,b", "text/csv", 415),
    ],
)
def test_unusable_bodies_are_refused(body: bytes, content_type: str | None, status: int) -> None:
    with pytest.raises(Problem) as refused:
        fields_of(body, content_type)
    assert refused.value.status_code == status
