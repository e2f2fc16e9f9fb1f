"""The report over HTTP: strict addresses, private answers, leads, files, and no amount without the scope."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from reporting.views.block_tables import BLOCKS
from store.report_schema import report_refreshes
from tests.reporting.make_facts import MadeFacts, insert_facts, random_facts
from tests.serving.running import FolderRegistry, client_of, key_of, settings_in

PERIOD = "period=2026-07-10..2026-11-27"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(params=["sqlite", "postgresql"])
def served(
    request: pytest.FixtureRequest, tmp_path: Path, registry: FolderRegistry
) -> Iterator[tuple[TestClient, MadeFacts]]:
    url = (
        str(request.getfixturevalue("migrated_postgres"))
        if request.param == "postgresql"
        else f"sqlite:///{tmp_path}/s.db"
    )
    settings = settings_in(tmp_path, api_keys=True, store=url)
    report = settings.report.model_copy(update={"zone": "Europe/Rome", "crm_link": "https://crm.example.com/{lead_id}"})
    made = random_facts(11, leads=400, days=120)
    with client_of(settings.model_copy(update={"report": report}), registry) as client:
        with client.app.state.store.engine.begin() as connection:
            insert_facts(connection, made)
        yield client, made


def bearer(client: TestClient, *scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key_of(client, *scopes)}"}


def test_the_page_is_private_and_has_no_script(served: tuple[TestClient, MadeFacts]) -> None:
    client, _ = served
    response = client.get(f"/report?{PERIOD}", headers=bearer(client, "report", "money", "read"))
    assert response.status_code == 200
    assert "data-figure" in response.text
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    for part in ("img-src data:", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert response.headers["cache-control"] == "private, max-age=60"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["x-robots-tag"] == "noindex"
    assert "<script" not in response.text


def test_the_address_is_shortened(served: tuple[TestClient, MadeFacts]) -> None:
    client, _ = served
    headers = bearer(client, "report")
    long = "/report?channel=&compare=previous&period=2026-10-01..2026-12-31"
    response = client.get(long, headers=headers, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "?period=2026-Q4"
    assert (
        client.get("/report?compare=previous", headers=headers, follow_redirects=False).headers["location"] == "/report"
    )
    assert client.get(long, headers=headers).status_code == 200


def test_figures_in_another_currency_are_not_shown(served: tuple[TestClient, MadeFacts]) -> None:
    client, _ = served
    headers = bearer(client, "report", "money", "read")
    with client.app.state.store.engine.begin() as connection:
        connection.execute(report_refreshes.update().values(currency="CHF"))
    for path in (
        "/report",
        "/report.json",
        "/report/channels.csv",
        "/report/leads?figure=revenue",
        "/report/leads.csv?figure=revenue",
    ):
        response = client.get(path, headers=headers)
        assert response.status_code == 503, path
        assert "run `leadworth report build`" in response.json()["detail"]


@pytest.mark.parametrize("query", ["chanel=x", "period=never", "channel=Fax", "campaign=nope", "figure=leads"])
def test_what_is_unknown_is_a_problem_with_what_is_allowed(served: tuple[TestClient, MadeFacts], query: str) -> None:
    client, _ = served
    response = client.get(f"/report?{query}", headers=bearer(client, "report"))
    assert response.status_code == 400
    assert "allowed" in response.json()["detail"]


def test_nothing_changed_is_304_until_the_data_change(served: tuple[TestClient, MadeFacts]) -> None:
    client, _ = served
    headers = bearer(client, "report", "money")
    tag = client.get("/report", headers=headers).headers["etag"]
    again = client.get("/report", headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/report?view=calendar", headers={**headers, "If-None-Match": tag}).status_code == 200
    with client.app.state.store.engine.begin() as connection:
        connection.execute(report_refreshes.update().values(refresh_id="r2"))
    assert client.get("/report", headers={**headers, "If-None-Match": tag}).status_code == 200


def amounts_of(client: TestClient, headers: dict[str, str]) -> set[str]:
    """Return all amounts of money of the report with more than three digits."""
    page = client.get(f"/report.json?{PERIOD}", headers=headers).json()
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("unit") == "money" and value.get("value"):
                found.add(f"{value['value']:.0f}")
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(page)
    for block in ("cohorts", "revenue_change", "track_record", "attribution"):
        text = client.get(f"/report/{block}.csv?{PERIOD}", headers=headers).text
        found |= {match[1] for match in re.finditer(r"[,;]-?(\d{4,})\.\d", text)}
    return {amount for amount in found if len(amount) > 3}


def test_without_the_scope_no_amount_is_in_any_output(served: tuple[TestClient, MadeFacts]) -> None:
    client, _ = served
    rich, poor = bearer(client, "report", "money", "read"), bearer(client, "report", "read")
    amounts = amounts_of(client, rich)
    assert len(amounts) > 50
    paths = ["/report", "/report.json", *(f"/report/{block}.csv" for block in BLOCKS)]
    paths += [f"/report/{leads}?figure={figure}" for leads in ("leads", "leads.csv") for figure in ("revenue", "leads")]
    for path in paths:
        mark = "&" if "?" in path else "?"
        text = client.get(f"{path}{mark}{PERIOD}", headers=poor).text
        plain = re.sub(
            r"(?<=\d)[,.\u202f\u00a0](?=\d{3})", "", re.sub(r'd="[^"]*"|(?:x|y|width|height)="[^"]*"', "", text)
        )
        digits = {match[0] for match in re.finditer(r"\d{4,}", plain)}
        assert not amounts & digits, path
        assert "EUR " not in text, path
        assert "€" not in text, path


def test_money_can_be_switched_off(served: tuple[TestClient, MadeFacts]) -> None:
    client, _ = served
    headers = bearer(client, "report", "money")
    assert client.get("/report.json?money=off", headers=headers).json()["money"] is False


def test_leads_behind_a_figure(served: tuple[TestClient, MadeFacts]) -> None:
    client, made = served
    headers = bearer(client, "report", "money", "read")
    seen: list[str] = []
    path: str | None = f"/report/leads?{PERIOD}&figure=leads"
    while path is not None:
        text = client.get(path, headers=headers).text
        seen += re.findall(r"https://crm.example.com/(L\d+)", text)
        following = re.search(r'href="(leads\?[^"]*)" rel="next"', text)
        path = f"/report/{following[1]}".replace("&amp;", "&") if following else None
    inside = [row["lead_id"] for row in made.leads if "2026-07-10" <= row["day"] <= "2026-11-27"]
    assert sorted(seen) == sorted(inside)
    assert client.get("/report/leads?figure=nope", headers=headers).status_code == 400
    assert client.get("/report/leads?figure=leads&after=x", headers=headers).status_code == 400
    assert client.get("/report/leads?figure=leads", headers=bearer(client, "report")).status_code == 403


@pytest.mark.parametrize("excel", [False, True])
def test_the_file_of_leads_is_complete_and_safe(served: tuple[TestClient, MadeFacts], excel: bool) -> None:
    client, made = served
    headers = bearer(client, "report", "money", "read")
    query = f"{PERIOD}&excel=1&figure=genuine_leads" if excel else f"{PERIOD}&figure=genuine_leads"
    response = client.get(f"/report/leads.csv?{query}", headers=headers)
    text = response.content.decode("utf-8")
    assert text.startswith("\ufeff")
    *lines, last = text.removeprefix("\ufeff").splitlines()
    rows = list(csv.DictReader(io.StringIO("\n".join(lines)), delimiter=";" if excel else ","))
    assert last == f"# rows: {len(rows)}"
    days = [row for row in made.leads if "2026-07-10" <= row["day"] <= "2026-11-27"]
    genuine = sum(1_000_000 - row["junk_ppm"] for row in days if row["junk_ppm"] is not None)
    assert round(1e6 * sum(float(row["part_genuine"].replace(",", ".")) for row in rows)) == genuine
    assert any(row["campaign_name"].startswith("'=cmd") for row in rows)
    assert not re.search(r"[,;]=cmd", text)


def test_each_block_is_a_file_with_a_count(served: tuple[TestClient, MadeFacts]) -> None:
    client, _ = served
    headers = bearer(client, "report", "money")
    for block in BLOCKS:
        response = client.get(f"/report/{block}.csv?{PERIOD}", headers=headers)
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        lines = response.text.splitlines()
        assert lines[-1] == f"# rows: {len(lines) - 2}"
    assert client.get("/report/nothing.csv", headers=headers).status_code == 404


def test_scopes(served: tuple[TestClient, MadeFacts]) -> None:
    client, _ = served
    assert client.get("/report").status_code == 401
    assert client.get("/report", headers=bearer(client, "read")).status_code == 403
    response = client.get("/report?view=calendar", headers=BROWSER, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "/report/login?next=%2Freport%3Fview%3Dcalendar"
