"""What a page needs of the service: token, collector, a place to send the form to, and the same answer for everyone."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from leadworth.settings import FormSettings
from models.bundle import Bundle
from serving.store.decisions import replayable
from tests.serving.running import FolderRegistry, client_of, settings_in

STATIC = Path(__file__).parents[3] / "serving" / "static"


@pytest.fixture
def page(tmp_path: Path, registry: FolderRegistry) -> Iterator[TestClient]:
    """A service with a protected form and a landing page."""
    forms = FormSettings(protected=("contact",), demo=True, origins=("https://www.acme.example",))
    with client_of(settings_in(tmp_path).model_copy(update={"forms": forms}), registry) as client:
        yield client


def token_of(client: TestClient, form: str = "contact") -> str:
    return str(client.get(f"/v1/forms/{form}/token").json()["token"])


def kept(client: TestClient) -> list[dict[str, Any]]:
    with client.app.state.service.store.engine.connect() as connection:
        return list(replayable(connection, decision=None, lead=None, last=None))


def test_the_collector_is_small_and_made_from_its_source(page: TestClient) -> None:
    answer = page.get("/v1/collector.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(gzip.compress(answer.content, 9)) <= 3_072
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


def test_tokens_are_not_kept_by_anybody_on_the_way(page: TestClient) -> None:
    answer = page.get("/v1/forms/contact/token")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["token"] != token_of(page)


async def _completed(page: TestClient, **fields: object) -> Any:
    from leadworth.records import Lead

    return await page.app.state.service.evidence.complete(Lead(submitted_at=time.time(), **fields))


def completed(page: TestClient, **fields: object) -> Any:
    return page.portal.call(lambda: _completed(page, **fields)) if page.portal else None


def test_the_service_says_what_became_of_a_token(page: TestClient) -> None:
    token = token_of(page)
    lead = completed(page, lead_id="1", form_id="contact", lw_data=json.dumps({"v": 1, "t": token}))
    assert lead.token_state == "ok"
    assert 0 <= lead.form_seconds < 10
    assert completed(page, lead_id="1", form_id="contact", form_token=token).token_state == "ok"
    assert completed(page, lead_id="2", form_id="contact", form_token=token).token_state == "replayed"
    assert completed(page, lead_id="3", form_id="quote", form_token=token).token_state == "wrong-form"
    assert completed(page, lead_id="4", form_id="contact").token_state == "missing"
    assert completed(page, lead_id="5", form_id="quote").token_state is None
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


def test_the_request_tells_what_a_visitor_cannot_claim(page: TestClient, bundles: Path) -> None:
    claims = {"lead_id": "7", "recent_ip_10m": "0", "token_state": "ok", "asn": "3269", "ip": "8.8.8.8"}
    page.post("/v1/forms/contact/leads", data=PERSON | claims | {"fax_number": "x"})
    [row] = kept(page)
    names = Bundle.load(bundles / "1").spec.names
    features = dict(zip(names, np.frombuffer(row["vector"], "<f8"), strict=True))
    assert row["lead_id"] != "7"
    assert row["form_id"] == "contact"
    assert features["form_honeypot"] == 1.0


def test_json_is_taken_too_and_other_things_are_not(page: TestClient) -> None:
    assert page.post("/v1/forms/contact/leads", json=PERSON).status_code == 202
    assert page.post("/v1/forms/contact/leads", content=b"x", headers={"content-type": "text/csv"}).status_code == 415
    assert page.get(f"/v1/forms/{'x' * 600}/token").status_code == 422


def test_visitors_go_on_to_pages_of_known_origins_only(page: TestClient) -> None:
    def onward(address: str) -> str | None:
        answer = page.post("/v1/forms/contact/leads", data={"lw_next": address}, follow_redirects=False)
        return answer.headers.get("location")

    assert onward("https://www.acme.example/thanks") == "https://www.acme.example/thanks"
    for bad in (
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
        "https://www.acme.example@evil.example/",
    ):
        assert onward(bad) is None


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
