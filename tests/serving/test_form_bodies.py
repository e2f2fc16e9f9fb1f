"""Whatever bytes reach the public form, the answer is a documented one, and no server error."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from leadworth.form_settings import FormSettings
from leadworth.log import set_up_logging
from leadworth.records import FormFields
from tests.features.leads import payloads
from tests.serving.forms.test_form_body import BOUNDARY, multipart
from tests.serving.running import FolderRegistry, client_of, settings_in

ROUTE = "/v1/forms/{form}/leads"
CONTENT_TYPES = (
    "application/x-www-form-urlencoded",
    f"multipart/form-data; boundary={BOUNDARY}",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    f"multipart/form-data; boundary={BOUNDARY}; charset=undefined",
    f"multipart/form-data; boundary={BOUNDARY}; charset=idna",
    "application/x-www-form-urlencoded; charset=undefined",
    f"multipart/form-data; boundary={'x' * 300}",
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "",
)
TEXTS = st.text(max_size=30)
NAMES = st.sampled_from([*FormFields.model_fields, "fax_number", "lw_next"]) | st.text(max_size=10)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))
TOKENS = TEXTS | st.text("abAB09-_.", min_size=44, max_size=52)


def _encoded(fields: dict[str, str]) -> bytes:
    return urlencode(
        {name.encode("utf-8", "replace"): text.encode("utf-8", "replace") for name, text in fields.items()}
    ).encode()


PARTS = st.sampled_from(
    [b"--", BOUNDARY.encode(), b"\r\n", b'Content-Disposition: form-data; name="email"', b"\x00", b"\xff", b":"]
)
BODIES = (
    st.binary(max_size=200)
    | st.lists(PARTS | st.binary(max_size=8), max_size=12).map(b"".join)
    | st.dictionaries(NAMES, TEXTS, max_size=8).map(_encoded)
    | st.dictionaries(NAMES, VALUES, max_size=6).map(lambda fields: json.dumps(fields).encode())
    | VALUES.map(lambda value: json.dumps(value).encode())
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, bundles: Any) -> Iterator[TestClient]:
    forms = FormSettings(protected=("contact",), per_minute=0)
    configured = settings_in(tmp_path_factory.mktemp("bodies")).model_copy(update={"forms": forms})
    with client_of(configured, FolderRegistry(bundles)) as client:
        yield client


@pytest.fixture(scope="module")
def documented(page: TestClient) -> frozenset[int]:
    """Return the statuses below 500 that the interface documents for a submission."""
    responses = page.app.openapi()["paths"][ROUTE]["post"]["responses"]
    return frozenset(int(status) for status in responses if status.isdigit() and int(status) < 500)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, content_type=st.sampled_from(CONTENT_TYPES))
@example(body=b"[1]", content_type="application/json")
@example(body=b'{"email": "\\ud800"}', content_type="application/json")
def test_any_body_gets_a_documented_answer(
    page: TestClient, documented: frozenset[int], body: bytes, content_type: str
) -> None:
    answer = page.post(
        ROUTE.format(form="contact"), content=body, headers={"content-type": content_type}, follow_redirects=False
    )
    assert answer.status_code in documented


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=payloads() | VALUES.map(json.dumps), token=TOKENS | VALUES.map(json.dumps), inside=st.booleans())
def test_any_payload_and_token_is_taken(page: TestClient, seen: str, token: str, inside: bool) -> None:
    fields = {
        "email": "ada@acme.io",
        "lw_data": json.dumps({"v": 1, "t": token}) if inside else seen,
        "form_token": token,
    }
    answer = page.post(
        ROUTE.format(form="contact"),
        content=_encoded(fields),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert (answer.status_code, answer.json()) == (202, {"received": True})


def test_no_library_logs_what_a_visitor_sent(page: TestClient, capfd: pytest.CaptureFixture[str]) -> None:
    """python-multipart warns of each malformed body, with bytes of it."""
    root = logging.getLogger()
    kept, level = root.handlers, root.level
    set_up_logging("INFO", as_json=True)
    try:
        body, content_type = multipart({"email": "ada@acme.io"})
        for malformed in (body[:-4] + b"ada@acme.io", b"ada@acme.io\r\n" + body, body.replace(b"name=", b"na\x00me=")):
            page.post(ROUTE.format(form="contact"), content=malformed, headers={"content-type": content_type})
    finally:
        root.handlers = kept
        root.setLevel(level)
    assert "multipart" not in capfd.readouterr().err
