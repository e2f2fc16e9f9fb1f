"""Headers of the report, tags of its contents, and 304."""

from __future__ import annotations

import pytest
from fastapi import Request

from reporting.page.html_page import style_hash
from serving.report.report_responses import (
    PRIVATE,
    etag_of,
    html_headers,
    page_response,
    report_problems,
    unchanged,
)


def request_with(*tags: str) -> Request:
    headers = [(b"if-none-match", tag.encode()) for tag in tags]
    return Request({"type": "http", "headers": headers})


def test_a_page_runs_no_script_and_is_private() -> None:
    headers = html_headers()
    policy = headers.pop("Content-Security-Policy")
    assert headers == PRIVATE
    assert "default-src 'none'" in policy
    assert f"style-src '{style_hash()}'" in policy
    assert "script-src" not in policy


def test_a_tag_depends_on_each_part_and_on_their_bounds() -> None:
    tags = {etag_of("a", "b"), etag_of("ab"), etag_of("b", "a"), etag_of("a", "b", None), etag_of("a", "b", "None")}
    assert len(tags) == 5
    assert all(len(tag) == 34 and tag[0] == tag[-1] == '"' for tag in tags)


@pytest.mark.parametrize("given", ['"x"', 'W/"x"', '"a", W/"x"', '"x","a"', " * "])
def test_content_that_the_caller_has_is_not_sent(given: str) -> None:
    response = unchanged(request_with(given), '"x"')
    assert response is not None
    assert (response.status_code, response.headers["etag"], response.body) == (304, '"x"', b"")
    assert response.headers["cache-control"] == PRIVATE["Cache-Control"]


@pytest.mark.parametrize("given", ["", "x", '"xy"', 'w/"x"'])
def test_other_content_is_sent(given: str) -> None:
    assert unchanged(request_with(given), '"x"') is None


def test_a_page_has_a_tag_only_where_one_is_given() -> None:
    page = page_response("<p>à</p>", '"x"', 401)
    assert (page.status_code, page.body.decode(), page.headers["etag"]) == (401, "<p>à</p>", '"x"')
    assert "etag" not in page_response("").headers


def test_documented_problems() -> None:
    problems = report_problems(404)
    assert {303, 304, 400, 404} <= set(problems)
    assert set(problems[400]["content"]) == {"application/problem+json", "text/plain"}
