"""Page for signing in, and the addresses to which it may lead."""

from __future__ import annotations

import pytest

from serving.report.login_page import login_page, safe_address


@pytest.mark.parametrize(
    "text",
    [
        "/app/report",
        "/app/report?view=calendar",
        "/app/report/leads?figure=leads",
        "/app/report.csv",
    ],
)
def test_addresses_of_the_report_stay(text: str) -> None:
    assert safe_address(text, "/app") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "//evil.example/app/report",
        "https://evil.example/app/report",
        "/report",
        "/app/reports",
        "/app/report@evil.example",
        "/app/report/\\evil.example",
        "/app/report?a=\r\nSet-Cookie: b",
        "/app/report?" + "a" * 2_000,
    ],
)
def test_other_addresses_become_the_report(text: str) -> None:
    assert safe_address(text, "/app") == "/app/report"


def test_the_longest_address_has_2000_characters() -> None:
    longest = "/report?" + "a" * 1_992
    assert safe_address(longest, "") == longest
    assert safe_address(longest + "a", "") == "/report"


def test_the_page_escapes_what_it_is_given() -> None:
    page = login_page("en", "UTC", action="/report/login", following='/report?a="><script>')
    assert '<html lang="en">' in page
    assert 'action="/report/login"' in page
    assert "<script>" not in page
    assert 'value="/report?a=&#34;&gt;&lt;script&gt;"' in page


def test_only_a_refused_key_is_told() -> None:
    first = login_page("en", "UTC", action="a", following="b")
    second = login_page("en", "UTC", action="a", following="b", failed=True)
    assert "This key is not valid, or has no access to the report." not in first
    assert 'role="alert">This key is not valid, or has no access to the report.</p>' in second


def test_the_page_is_translated() -> None:
    assert "Sign in" not in login_page("it", "Europe/Rome", action="a", following="b", failed=True)
