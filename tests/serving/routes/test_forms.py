"""What a page needs of the service: token, collector, a place to send the form to, and the same answer for everyone."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from starlette.testclient import TestClient

from leadworth.form_settings import FormSettings
from leadworth.platform_catalog import click_id_headers
from leadworth.records import AGE, CLICK_IDS, FormFields, Lead, fields_of
from serving.forms.enrichment import LeadEnrichment
from store.decision_log import replayable
from store.velocity_events import VelocityEvent
from tests.features.leads import payloads
from tests.serving.running import FolderRegistry, client_of, settings_in

STATIC = Path(__file__).parents[3] / "serving" / "static"


@pytest.fixture
def page(tmp_path: Path, registry: FolderRegistry) -> Iterator[TestClient]:
    """A service with a protected form and a landing page."""
    forms = FormSettings(
        protected=("contact",), fields=("Seats",), demo=True, origins=("https://www.acme.example",), per_minute=0
    )
    with client_of(settings_in(tmp_path).model_copy(update={"forms": forms}), registry) as client:
        yield client


def token_of(client: TestClient, form: str = "contact") -> str:
    return str(client.get(f"/v1/forms/{form}/token").json()["token"])


def kept(client: TestClient) -> list[dict[str, Any]]:
    with client.app.state.store.engine.connect() as connection:
        return list(replayable(connection, decision=None, lead=None, last=None))


def test_the_collector_is_small_and_made_from_its_source(page: TestClient) -> None:
    answer = page.get("/v1/collector.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(gzip.compress(answer.content, 9)) <= 3_584
    source = (STATIC / "collector.js").read_bytes()
    assert hashlib.sha256(source).hexdigest()[:12] in answer.text.splitlines()[0]  # else: make collector
    again = page.get("/v1/collector.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_collector_sets_no_cookie_and_draws_no_fingerprint() -> None:
    source = (STATIC / "collector.js").read_text()
    for word in (
        "document.cookie =",
        "doc.cookie =",
        "toDataURL",
        "getImageData",
        "AudioContext",
        "measureText",
        "eval(",
    ):
        assert word not in source


OF_COOKIES = {"fbc", "fbp"}
"""Click ids that Meta keeps in cookies; all others are parameters of the address that an ad leads to."""


def test_the_collector_knows_the_click_ids_of_all_platforms() -> None:
    (pattern,) = re.findall(r"if \(/(\S+)/\.test\(name\)\) found", (STATIC / "collector.js").read_text())
    parameters = {*CLICK_IDS, "utm_source", "utm_campaign"} - OF_COOKIES
    assert set(click_id_headers()) - OF_COOKIES <= parameters
    assert {name for name in parameters if not re.search(pattern, name)} == set()
    assert not re.search(pattern, "email")


def test_tokens_are_not_kept_by_anybody_on_the_way(page: TestClient) -> None:
    answer = page.get("/v1/forms/contact/token")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["token"] != token_of(page)


async def _completed(page: TestClient, **fields: object) -> Any:
    lead, _ = await page.app.state.scoring.enrichment.complete(Lead(**fields), datetime.now(UTC))
    return lead


def completed(page: TestClient, **fields: object) -> Any:
    return page.portal.call(lambda: _completed(page, **fields)) if page.portal else None


def test_the_service_says_what_became_of_a_token(page: TestClient) -> None:
    token = token_of(page)
    lead = completed(page, lead_id="1", form_id="contact", lw_data=json.dumps({"v": 1, "t": token}))
    assert lead.token_state == "ok"
    assert 0 <= lead.form_seconds < 10
    assert completed(page, lead_id="1", form_id="contact", form_token=token).token_state == "ok"
    assert completed(page, lead_id="2", form_id="contact", form_token=token).token_state == "replayed"
    assert completed(page, lead_id="3", form_id="quote", form_token=token_of(page)).token_state == "wrong-form"
    assert completed(page, lead_id="4", form_id="contact").token_state == "missing"
    assert completed(page, lead_id="5", form_id="quote").token_state is None
    assert completed(page, lead_id="7", form_id="made-up", entry="form").token_state == "missing"
    claimed = completed(page, lead_id="6", form_id="contact", token_state="ok", form_seconds=90)
    assert (claimed.token_state, claimed.form_seconds) == ("missing", 90.0)


def test_leads_are_counted_and_touches_filled_in(page: TestClient) -> None:
    touch = {"last": {"gclid": "Cj0x", "source": "google", "at": 1}, "first": {"gclid": "old", "fbclid": "IwAR1"}}
    first = completed(page, lead_id="1", email="a@x.example", ip="203.0.113.5", lw_data=json.dumps({"v": 1, **touch}))
    assert (first.gclid, first.fbclid, first.source) == ("Cj0x", "IwAR1", "google")
    second = completed(page, lead_id="2", email="b@x.example", ip="203.0.113.5", gclid="mine", lw_data="{")
    assert (second.recent_ip_10m, second.gclid) == (1.0, "mine")
    assert completed(page, lead_id="3", email="c@x.example", ip="203.0.113.5", recent_ip_10m=7).recent_ip_10m == 7.0


BOT = {"email": "xkqzwv8841@mailinator.com", "first_name": "Xkqzwv", "message": "visit http://spam.ru now http://x.ru"}
PERSON = {"email": "ada@acme.io", "first_name": "Ada", "company": "Acme", "message": "Please send a quote for 20 seats"}


def test_everyone_gets_the_same_answer(page: TestClient) -> None:
    answers = []
    for lead in (BOT, PERSON, {}, {"fax_number": "filled"}, {"email": "test@test.com"}):
        answer = page.post("/v1/forms/contact/leads", data=lead)
        headers = {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "date"}}
        answers.append((answer.status_code, answer.content, headers))
    assert answers[0][:2] == (202, b'{"received":true}')
    assert all(answer == answers[0] for answer in answers)
    assert len(kept(page)) == 5
    assert len({row["verdict"] for row in kept(page)}) > 1


@pytest.fixture
def arrived(monkeypatch: pytest.MonkeyPatch) -> list[Lead]:
    """The leads as the service completed them: neither responses nor the store contain them."""
    leads: list[Lead] = []
    complete = LeadEnrichment.complete

    async def noting(
        self: LeadEnrichment, lead: Lead, received: datetime, caller: str | None = None
    ) -> tuple[Lead, VelocityEvent]:
        completed_lead, velocity_event = await complete(self, lead, received, caller)
        leads.append(completed_lead)
        return completed_lead, velocity_event

    monkeypatch.setattr(LeadEnrichment, "complete", noting)
    return leads


def test_the_request_tells_what_a_visitor_cannot_claim(page: TestClient, arrived: list[Lead]) -> None:
    """Visitors set only fields of the form; honeypot, token state and counts are set by the service."""
    claims = {
        "lead_id": "7",
        "recent_ip_10m": "0",
        "token_state": "ok",
        "form_seconds": "90",
        "asn": "3269",
        "ip": "8.8.8.8",
        "submitted_at": "2020-01-01T00:00:00Z",
        "domain_age_days": "900",
        "honeypot_filled": "no",
    }
    page.post("/v1/forms/contact/leads", data=PERSON | claims | {"fax_number": "x"})
    [row], [lead] = kept(page), arrived
    assert row["lead_id"] == lead.lead_id != "7"
    assert (lead.form_id, lead.entry, lead.ip) == ("contact", "form", "testclient")
    assert (lead.honeypot_filled, lead.token_state, lead.form_seconds, lead.asn) == (True, "missing", None, None)
    assert lead.submitted_at is not None
    assert lead.submitted_at.year > 2020
    assert (lead.recent_net_24h, lead.domain_age_days) == (None, 0.0)
    assert (lead.headers or "").startswith("host,")
    assert "fax_number" not in lead.extras


def test_a_visitor_does_not_set_his_own_worth(page: TestClient, arrived: list[Lead]) -> None:
    """Behaviour, age, ids, what the service fills in and columns that no setting names are dropped."""
    claimed = {name: "3" for name in Lead.model_fields if name not in FormFields.model_fields}
    claims = claimed | {"Plan": "pro", AGE: "300"}
    page.post("/v1/forms/contact/leads", data=PERSON)
    page.post("/v1/forms/contact/leads", data=PERSON | claims)
    page.post("/v1/forms/contact/leads", json=PERSON | claims)
    plain, *others = arrived
    counted = {name for name in Lead.model_fields if name.startswith("recent_")}
    counted |= {"lead_id", "submitted_at", "headers", "domain_age_days"}
    for lead in others:
        assert lead.extras == {}
        assert lead.model_dump(exclude=counted) == plain.model_dump(exclude=counted)
    assert [row["age_days"] for row in kept(page)] == [None] * 3


def test_a_visitor_sets_the_fields_of_the_form(page: TestClient, arrived: list[Lead]) -> None:
    sent = {name: f"https://{name}.example" for name in FormFields.model_fields if name in fields_of("text")}
    sent |= {"employees": "50", "budget": "900", "clicked_at": "2026-05-01T10:00:00+00:00", "Seats": "30"}
    sent |= {"consent_ad_user_data": "yes", "consent_ad_personalization": "no"}
    page.post("/v1/forms/contact/leads", data=sent)
    [lead] = arrived
    assert set(sent) - {"Seats"} == set(FormFields.model_fields)
    assert lead.extras == {"Seats": "30"}
    for name in FormFields.model_fields:
        assert getattr(lead, name) == getattr(Lead(**sent), name) is not None


@pytest.mark.parametrize("number", ["1e400", "NaN", "-Infinity"])
def test_a_number_beyond_all_bounds_in_a_hidden_field_costs_no_lead(page: TestClient, number: str) -> None:
    seen = f'{{"v":1,"keys":{number},"ik_med":1,"hold_med":1,"mv":1,"path":1}}'
    assert page.post("/v1/forms/contact/leads", data=PERSON | {"lw_data": seen}).status_code == 202
    assert page.post("/v1/scores", json={"lead_id": "1", "lw_data": seen}).status_code == 200
    assert len(kept(page)) == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lw_data=payloads())
def test_no_payload_fails_a_form(page: TestClient, lw_data: str) -> None:
    data = {"email": "ada@acme.io", "lw_data": lw_data.encode("utf-8", "replace").decode()}
    assert page.post("/v1/forms/contact/leads", data=data).status_code == 202


def test_long_texts_of_visitors_are_stored_cut(page: TestClient, arrived: list[Lead]) -> None:
    huge = "x" * 400_000
    touch = json.dumps({"v": 1, "last": {"medium": "y" * 16_000}})
    fields = {"source": huge, "campaign": "goo\x00gle", "lw_data": touch}
    page.post("/v1/forms/contact/leads", data=fields, headers={"User-Agent": huge[:20_000]})
    page.post("/v1/forms/contact/leads", data={"message": huge})
    page.post("/v1/forms/contact/leads", data={"phone": huge})
    assert page.get(f"/v1/forms/{'x' * 201}/token").status_code == 422
    assert ("x" * 200, "google") in [(row["source"], row["campaign"]) for row in kept(page)]
    first, second, third = arrived
    assert (len(first.user_agent or ""), len(first.medium or "")) == (500, 200)
    assert (len(second.message or ""), len(third.phone or "")) == (10_000, 60)


def test_json_is_taken_too_and_other_things_are_not(page: TestClient) -> None:
    assert page.post("/v1/forms/contact/leads", json=PERSON).status_code == 202
    assert page.post("/v1/forms/contact/leads", content=b"x", headers={"content-type": "text/csv"}).status_code == 415
    assert page.get(f"/v1/forms/{'x' * 600}/token").status_code == 422


@pytest.mark.parametrize(
    ("address", "onward"),
    [
        ("https://www.acme.example/thanks", "https://www.acme.example/thanks"),
        ("/v1/forms/contact/demo#thanks", "/v1/forms/contact/demo#thanks"),
        ("/danke schön", "/danke%20sch%C3%B6n"),
        ("/a\r\nSet-Cookie: x=1", "/a%0D%0ASet-Cookie:%20x=1"),
        ("https://evil.example/", None),
        ("//evil.example", None),
        ("///evil.example/x", None),
        ("////evil.example/x", None),
        ("/\\evil.example", None),
        ("/\r\n/evil.example", None),
        ("\\/evil.example", None),
        ("/\t/evil.example", None),
        ("https://www.acme.example@evil.example/", None),
        ("javascript:alert(1)", None),
        ("http://[", None),
        ("thanks", None),
    ],
)
def test_visitors_go_on_to_known_pages_only(page: TestClient, address: str, onward: str | None) -> None:
    answer = page.post("/v1/forms/contact/leads", data={"lw_next": address}, follow_redirects=False)
    assert answer.status_code == (303 if onward else 202)
    assert answer.headers.get("location") == onward
    assert "set-cookie" not in answer.headers


def test_what_fetch_sends_of_a_form_is_taken(page: TestClient, arrived: list[Lead]) -> None:
    seen = json.dumps({"v": 1, "t": token_of(page)})
    fields = {**PERSON, "lw_data": seen}
    answer = page.post("/v1/forms/contact/leads", files={name: (None, text) for name, text in fields.items()})
    assert answer.status_code == 202
    assert (arrived[0].token_state, arrived[0].email) == ("ok", PERSON["email"])


def test_the_collector_travels_compressed(page: TestClient) -> None:
    with page.stream("GET", "/v1/collector.js", headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert len(packed) <= 3_584
    plain = page.get("/v1/collector.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed) == plain.content == (STATIC / "collector.min.js").read_bytes()


def test_a_person_who_sends_again_replays_nothing(page: TestClient, arrived: list[Lead]) -> None:
    """A page that sends by script keeps its token: a mistake is corrected and the form sent once more."""
    seen = json.dumps({"v": 1, "t": token_of(page)})
    for email in ("Ada@Acme.example", "ada@acme.example", "eve@other.example"):
        page.post("/v1/forms/contact/leads", data={"email": email, "lw_data": seen})
    assert [lead.token_state for lead in arrived] == ["ok", "ok", "replayed"]


def test_only_known_origins_may_read_tokens(page: TestClient) -> None:
    def allowed(origin: str) -> str | None:
        return page.get("/v1/forms/contact/token", headers={"Origin": origin}).headers.get(
            "access-control-allow-origin"
        )

    assert allowed("https://www.acme.example") == "https://www.acme.example"
    assert allowed("https://evil.example") is None
    assert page.options("/v1/forms/contact/leads", headers={"Origin": "https://www.acme.example"}).status_code == 204


def test_the_landing_page_is_there_where_it_is_asked_for(page: TestClient, client: TestClient) -> None:
    shown = page.get('/v1/forms/a"b/demo')
    assert 'action="/v1/forms/a&quot;b/leads"' in shown.text
    assert client.get("/v1/forms/contact/demo").status_code == 404
