"""JSON bodies: lenient about text that a browser cut, strict about the content type."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from serving.json_route import read_object, require_json
from serving.problems import Problem


@pytest.mark.parametrize(
    "content_type", [None, "application/json", "Application/JSON; charset=utf-8", "application/ld+json"]
)
def test_json_content_types(content_type: str | None) -> None:
    require_json(content_type)


@pytest.mark.parametrize("content_type", ["text/plain", "text/json", "application/jsonx", "multipart/form-data"])
def test_other_content_types_are_refused(content_type: str) -> None:
    with pytest.raises(Problem) as refused:
        require_json(content_type)
    assert refused.value.status_code == 415


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b'{"a": "Ada \\ud83d"}', {"a": "Ada ?"}),
        (b'{"a": "Caf\xe9"}', {"a": "Caf\N{REPLACEMENT CHARACTER}"}),
        (b'{"\\ud83d": [{"b": "\\ud83d"}]}', {"?": [{"b": "?"}]}),
        (b'{"a": ' + b"9" * 400 + b"}", {"a": int("9" * 400)}),
    ],
)
def test_cut_text_and_large_integers_are_read(body: bytes, content: dict[str, object]) -> None:
    assert read_object(body) == content


@pytest.mark.parametrize("charset", ["latin1", "windows-1252", "ISO-8859-15"])
def test_a_declared_charset_is_read(charset: str) -> None:
    body = '{"a": "José"}'.encode(charset)
    assert read_object(body, f"application/json; charset={charset}") == {"a": "José"}
    assert read_object('{"a": "José"}'.encode(), f"application/json; charset={charset}") == {"a": "José"}


@pytest.mark.parametrize("content_type", ["application/json; charset=punycode", "application/json; charset=utf-8"])
def test_bytes_of_no_declared_charset_are_lost_and_named(client: TestClient, content_type: str) -> None:
    body = '{"first_name": "José", "email": "josé@ferri.it", "company": "Acme"}'.encode("latin1")
    answer = client.post("/v1/scores", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == 200
    assert [(warning["field"], warning["code"]) for warning in answer.json()["warnings"]] == [
        ("first_name", "unreadable-value"),
        ("email", "unreadable-value"),
    ]


def test_a_declared_charset_is_read_without_a_warning(client: TestClient) -> None:
    body = '{"first_name": "José"}'.encode("latin1")
    answer = client.post("/v1/scores", content=body, headers={"Content-Type": "application/json; charset=latin1"})
    assert "warnings" not in answer.json()


@given(st.binary(max_size=60))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        content: object = read_object(body)
    except Problem as problem:
        content = {"status": problem.status_code}
    assert isinstance(content, dict)


@pytest.mark.parametrize(("body", "code"), [(b"", "not-json"), (b"[" * 100_000, "not-json"), (b"[1]", "not-an-object")])
def test_unusable_bodies_are_refused(body: bytes, code: str) -> None:
    with pytest.raises(Problem) as refused:
        read_object(body)
    assert (refused.value.status_code, refused.value.code) == (422, code)


@pytest.mark.parametrize(
    "body",
    [
        b'{"email": "a@b.example", "email": "c@d.example"}',
        b'{"a": {"email": 1, "email": 2}}',
        b'{"leads": [{}, {"email": "12:00", "email": 2}]}',
        b'{"email":1,"\\u0065mail":2}',
        b'{"email" : 1, "email" : 1}',
        b'{"email": "\\ud83d", "email": 2}',
    ],
)
def test_a_repeated_key_is_refused(body: bytes) -> None:
    with pytest.raises(Problem, match="more than once: email;") as refused:
        read_object(body)
    assert (refused.value.status_code, refused.value.code) == (422, "repeated-key")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a:"\\{é', max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text('a:"\\{é', max_size=3), JSON, max_size=4), st.sampled_from([None, 1]), st.booleans())
def test_an_object_without_repeated_keys_is_read(content: dict[str, object], indent: int | None, ascii: bool) -> None:
    assert read_object(json.dumps(content, indent=indent, ensure_ascii=ascii).encode()) == content


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", ":", '"', "\\", '\\"', ""]), JSON), max_size=4),
    st.sampled_from([":", " \t: "]),
)
def test_only_an_object_with_a_repeated_key_is_refused(pairs: list[tuple[str, object]], colon: str) -> None:
    body = "{" + ",".join(json.dumps(name) + colon + json.dumps(value) for name, value in pairs) + "}"
    for written in (body, f'{{"inner": [{body}]}}'):
        if len(dict(pairs)) == len(pairs):
            assert read_object(written.encode()) == json.loads(written)
        else:
            with pytest.raises(Problem, match="more than once"):
                read_object(written.encode())


@pytest.mark.parametrize("path", ["/v1/scores", "/v1/scores/batch", "/v1/leads/A/feedback", "/v1/leads/A/consent"])
@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b'{"leads": "none"}'])
def test_the_api_key_is_checked_before_the_body(locked: TestClient, path: str, body: bytes) -> None:
    assert locked.post(path, content=body, headers={"Content-Type": "application/json"}).status_code == 401
    assert locked.post(path, content=body, headers={"Content-Type": "text/plain"}).status_code == 401
