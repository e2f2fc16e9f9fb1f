"""Who may read the report: login of browsers bound to a key, proxy users, share links that end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from serving import api_keys
from serving.report.report_login import COOKIE, COOKIE_SECONDS
from store.audit_log import entries
from store.report_schema import share_links
from store.timestamps import stamp
from tests.reporting.make_facts import insert_facts, random_facts
from tests.serving.forms.test_form_body import multipart
from tests.serving.running import FolderRegistry, client_of, key_of, settings_in


@pytest.fixture
def service(tmp_path: Path, registry: FolderRegistry) -> Iterator[TestClient]:
    settings = settings_in(tmp_path, api_keys=True)
    forms = settings.forms.model_copy(update={"per_minute": 6})
    report = settings.report.model_copy(update={"proxy_header": "X-Remote-User"})
    with client_of(settings.model_copy(update={"forms": forms, "report": report}), registry) as client:
        with client.app.state.store.engine.begin() as connection:
            insert_facts(connection, random_facts(11, leads=200, days=90))
        yield client


def actions(client: TestClient) -> list[tuple[str, str]]:
    with client.app.state.store.engine.connect() as connection:
        return [(entry["action"], entry["result"]) for entry in entries(connection, action="report.")]


def test_a_browser_signs_in_until_its_key_is_revoked(service: TestClient) -> None:
    key = key_of(service, "report")
    assert "password" in service.get("/report/login").text
    response = service.post("/report/login", data={"key": key, "next": "/report?view=calendar"}, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "/report?view=calendar"
    cookie = response.headers["set-cookie"]
    for part in (f"Max-Age={COOKIE_SECONDS}", "HttpOnly", "SameSite=lax", "Secure", "Path=/"):
        assert part in cookie
    value = re.match(rf"{COOKIE}=([^;]+)", cookie)
    assert value
    assert key not in cookie
    headers = {"Cookie": f"{COOKIE}={value[1]}"}
    assert service.get("/report", headers=headers).status_code == 200
    assert service.get("/report.json", headers=headers).json()["money"] is False
    assert service.get("/report/leads?figure=leads", headers=headers).status_code == 403
    assert service.get("/report", headers={"Cookie": f"{COOKIE}={value[1]}x"}).status_code == 401
    with service.app.state.store.engine.begin() as connection:
        api_keys.revoke(connection, key.split("_")[1])
    service.portal.call(service.app.state.keys._refresh)
    assert service.get("/report", headers=headers).status_code == 401
    assert ("report.login", "done") in actions(service)


def test_only_on_this_machine_the_cookie_goes_over_http(service: TestClient) -> None:
    key = key_of(service, "report")
    local = TestClient(service.app, base_url="http://127.0.0.1:8000")
    response = local.post("/report/login", data={"key": key}, follow_redirects=False)
    assert "Secure" not in response.headers["set-cookie"]
    assert "HttpOnly" in response.headers["set-cookie"]


def test_signing_out_deletes_the_cookie(service: TestClient) -> None:
    response = service.post("/report/logout", follow_redirects=False)
    assert response.status_code == 303
    assert f'{COOKIE}=""' in response.headers["set-cookie"]


def test_attempts_are_limited_and_recorded(service: TestClient) -> None:
    for _ in range(6):
        response = service.post("/report/login", data={"key": "lw_ab12_wrong"})
        assert response.status_code == 401
        assert "not valid" in response.text
    assert service.post("/report/login", data={"key": key_of(service, "report")}).status_code == 429
    assert actions(service) == [("report.login", "refused")] * 6


@pytest.mark.parametrize("address", ["https://evil.example/report", "//evil.example", "/reports", "/report\\@evil", ""])
def test_signing_in_leads_nowhere_else(service: TestClient, address: str) -> None:
    response = service.post(
        "/report/login", data={"key": key_of(service, "report"), "next": address}, follow_redirects=False
    )
    assert response.headers["location"] == "/report"


def test_users_of_the_proxy_see_the_page_without_money(service: TestClient) -> None:
    headers = {"X-Remote-User": "ana@example.com"}
    assert service.get("/report.json", headers=headers).json()["money"] is False
    assert service.get("/report/leads?figure=leads", headers=headers).status_code == 403


def test_a_share_link_shows_fixed_filters_until_it_is_revoked(service: TestClient) -> None:
    rich = {"Authorization": f"Bearer {key_of(service, 'report', 'money', 'read')}"}
    wanted = {"query": "channel=Email&period=2026-10-01..2026-12-31", "days": 3}
    made = service.post("/report/share-links", json=wanted, headers=rich)
    assert made.status_code == 201
    link = made.json()
    assert link["query"] == "period=2026-Q4&channel=Email"
    page = service.get(link["path"])
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "EUR" not in page.text.replace("· EUR", "")
    assert not re.findall(r'<a (?!class="skip")', page.text)
    assert "<form" not in page.text
    listed = service.get("/report/share-links", headers=rich).json()["links"]
    assert [one["link_id"] for one in listed] == [link["link_id"]]
    assert service.get(link["path"] + "x").status_code == 404
    assert service.delete(f"/report/share-links/{link['link_id']}", headers=rich).status_code == 204
    assert service.delete(f"/report/share-links/{link['link_id']}", headers=rich).status_code == 404
    assert service.get(link["path"]).status_code == 404
    assert [action for action, _ in actions(service)] == ["report.share", "report.unshare"]


def test_a_share_link_ends_with_the_key_that_made_it(service: TestClient) -> None:
    key, other = key_of(service, "report"), key_of(service, "report")
    made = [
        service.post("/report/share-links", json={}, headers={"Authorization": f"Bearer {one}"}).json()
        for one in (key, other)
    ]
    with service.app.state.store.engine.begin() as connection:
        api_keys.revoke(connection, key.split("_")[1])
    assert [service.get(link["path"]).status_code for link in made] == [404, 200]


def test_a_share_link_ends(service: TestClient) -> None:
    rich = {"Authorization": f"Bearer {key_of(service, 'report', 'money')}"}
    link = service.post("/report/share-links", json={"money": True}, headers=rich).json()
    assert "€" in service.get(link["path"]).text
    with service.app.state.store.engine.begin() as connection:
        connection.execute(update(share_links).values(expires_at=stamp(datetime.now(UTC) - timedelta(seconds=1))))
    assert service.get(link["path"]).status_code == 404


def test_money_is_shared_only_by_those_who_see_it(service: TestClient) -> None:
    poor = {"Authorization": f"Bearer {key_of(service, 'report')}"}
    assert service.post("/report/share-links", json={"money": True}, headers=poor).status_code == 403
    assert service.post("/report/share-links", json={"query": "x=1"}, headers=poor).status_code == 400
    assert service.post("/report/share-links", json={"days": 500}, headers=poor).status_code == 422


@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "utf-8"])
def test_no_declared_charset_fails_a_login(service: TestClient, charset: str) -> None:
    body, content_type = multipart({"key": "é" * 200})
    headers = {"content-type": f"{content_type}; charset={charset}"}
    assert service.post("/report/login", content=body, headers=headers).status_code == 401
