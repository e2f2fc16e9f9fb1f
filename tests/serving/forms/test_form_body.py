"""Bodies of forms, as browsers write them."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.forms.form_body import MOST_FIELDS, read_form
from serving.problems import Problem

NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
FORMS = st.dictionaries(NAMES, TEXTS, max_size=8)


def multipart(fields: dict[str, str], *more: str) -> tuple[bytes, str]:
    """Return a body and its content type as browsers write them (HTML, "multipart/form-data encoding algorithm")."""
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}' for name, text in fields.items()]
    body = "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in (*parts, *more)) + f"--{BOUNDARY}--\r\n"
    return body.encode(), f"multipart/form-data; boundary={BOUNDARY}"


@given(FORMS)
def test_urlencoded_fields_come_out_as_they_went_in(fields: dict[str, str]) -> None:
    assert read_form(urlencode(fields).encode(), "application/x-www-form-urlencoded; charset=UTF-8") == fields


@given(FORMS.filter(bool))
def test_multipart_fields_come_out_as_they_went_in(fields: dict[str, str]) -> None:
    assert read_form(*multipart(fields)) == fields


def test_files_are_left_out() -> None:
    file = 'Content-Disposition: form-data; name="cv"; filename="cv.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF'
    assert read_form(*multipart({"email": "ada@acme.example"}, file)) == {"email": "ada@acme.example"}


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", None])
@given(body=st.binary(max_size=300) | st.binary(max_size=80).map(lambda noise: b'--b\r\nname="x"' + noise + b"\r\n--b"))
def test_no_body_of_a_form_is_an_error_of_ours(kind: str | None, body: bytes) -> None:
    assert isinstance(read_form(body, kind), dict)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"&".join([b"a=1"] * (MOST_FIELDS + 1)), None, 422),
        (b"--b\r\n" * (MOST_FIELDS + 2), "multipart/form-data; boundary=b", 422),
        (b"--b", "multipart/form-data", 422),
        (b"{", "application/json", 422),
        (b"a,b", "text/csv", 415),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, kind: str | None, status: int) -> None:
    with pytest.raises(Problem) as refused:
        read_form(body, kind)
    assert refused.value.status_code == status
