"""Readers of the report: what they may see, their cookies, and how a request names them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI, Request
from itsdangerous import URLSafeTimedSerializer

from leadworth.settings import Settings
from serving.api_keys import ApiKey
from serving.problems import Problem
from serving.report.report_login import (
    COOKIE,
    COOKIE_SECONDS,
    ReportReader,
    ReportSessions,
    RequireReader,
    login_address,
    of_key,
    reader_of,
)
from store.audit_log import AuditActor

SETTINGS = Settings(currency="EUR", leads={}, secret="a secret of thirty-two characters")
SESSIONS = ReportSessions(SETTINGS)


class Keys:
    """One key, which is in use."""

    async def key_in_use(self, key_id: str) -> ApiKey | None:
        return ApiKey("ab12", "Ana", frozenset({"report"}), "", "") if key_id == "ab12" else None

    async def require(self, headers: object, scope: str) -> str:
        raise Problem(401, "unauthorized", "no key")


def request_of(headers: dict[str, str], keys: object = None, proxy_header: str | None = None, **scope: Any) -> Request:
    app = FastAPI()
    app.state.keys, app.state.report_sessions, app.state.key_limit = keys, SESSIONS, None
    app.state.settings = SimpleNamespace(report=SimpleNamespace(proxy_header=proxy_header))
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    given = {"type": "http", "method": "GET", "path": "/report", "query_string": b"", "client": ("192.0.2.1", 1)}
    return Request({**given, "server": ("localhost", 80), "scheme": "http", "headers": raw, "app": app, **scope})


def reader_with(*scopes: str) -> ReportReader:
    return ReportReader("k", "n", frozenset(scopes), AuditActor("k", ""))


def test_admin_may_see_everything() -> None:
    assert reader_with("admin").may("money")
    assert not reader_with("report").may("money")
    reader_with("report").require("report")
    with pytest.raises(Problem) as refused:
        reader_with("report").require("money")
    assert refused.value.status_code == 403


@pytest.mark.parametrize("cookie", [None, "", "ab12", "a" * 501])
def test_a_foreign_cookie_names_no_key(cookie: str | None) -> None:
    assert SESSIONS.key_id(cookie) is None


@pytest.mark.parametrize(("age", "key_id"), [(COOKIE_SECONDS - 60, "ab12"), (COOKIE_SECONDS + 60, None)])
def test_a_cookie_ends_after_twelve_hours(age: int, key_id: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = URLSafeTimedSerializer("x").make_signer("y")
    now = signer.get_timestamp()
    with monkeypatch.context() as patched:
        patched.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda self: now - age)
        cookie = SESSIONS.cookie("ab12")
    assert SESSIONS.key_id(cookie) == key_id


def test_without_keys_anyone_reads_everything() -> None:
    reader = asyncio.run(reader_of(request_of({})))
    assert (reader.caller, reader.may("money"), reader.may("admin")) == ("anyone", True, True)


def test_a_cookie_counts_while_its_key_is_in_use() -> None:
    reader = asyncio.run(reader_of(request_of({"cookie": f"{COOKIE}={SESSIONS.cookie('ab12')}"}, Keys())))
    assert (reader.caller, reader.name, reader.scopes) == ("ab12", "Ana", {"report"})
    with pytest.raises(Problem) as refused:
        asyncio.run(reader_of(request_of({"cookie": f"{COOKIE}={SESSIONS.cookie('cd34')}"}, Keys())))
    assert refused.value.status_code == 401


def test_the_header_of_a_proxy_counts_only_where_the_settings_name_it() -> None:
    reader = asyncio.run(reader_of(request_of({"x-user": " ivo "}, Keys(), "x-user")))
    assert (reader.caller, reader.name, reader.scopes) == ("proxy:ivo", "ivo", {"report"})
    with pytest.raises(Problem):
        asyncio.run(reader_of(request_of({"x-user": "ivo"}, Keys())))


def test_a_given_key_goes_before_cookie_and_proxy() -> None:
    headers = {"x-api-key": "wrong", "x-user": "ivo", "cookie": f"{COOKIE}={SESSIONS.cookie('ab12')}"}
    with pytest.raises(Problem) as refused:
        asyncio.run(reader_of(request_of(headers, Keys(), "x-user")))
    assert refused.value.status_code == 401


def test_a_browser_is_sent_to_sign_in_and_a_program_is_refused() -> None:
    call = RequireReader("report")
    with pytest.raises(Problem) as sent:
        asyncio.run(call(request_of({"accept": "text/html"}, Keys(), query_string=b"view=calendar")))
    assert sent.value.status_code == 303
    assert sent.value.headers == {"Location": "/report/login?next=%2Freport%3Fview%3Dcalendar"}
    for headers, method in (({}, "GET"), ({"accept": "text/html"}, "POST")):
        with pytest.raises(Problem) as refused:
            asyncio.run(call(request_of(headers, Keys(), method=method)))
        assert refused.value.status_code == 401


def test_the_address_for_signing_in_is_below_the_root() -> None:
    request = request_of({}, root_path="/app/", path="/app/report")
    assert login_address(request) == "/app/report/login?next=%2Fapp%2Freport"


def test_the_reader_of_a_key() -> None:
    reader = of_key(ApiKey("id1", "Ana", frozenset({"read"}), "", ""), "192.0.2.0")
    assert (reader.caller, reader.name, reader.scopes) == ("id1", "Ana", {"read"})
    assert reader.actor == AuditActor.of_key("id1", "192.0.2.0")
