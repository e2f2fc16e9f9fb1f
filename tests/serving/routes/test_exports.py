"""The ledger over HTTP: in one transaction with the decision, looked up, fetched as a file, consent withdrawn."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from conversions.export_worker import ExportWorker
from conversions.sandbox.peer_servers import Sandbox
from leadworth.settings import Settings
from store.schema import export_events, export_people
from tests.conversions.events import settings_for
from tests.serving.running import FolderRegistry, client_of, key_of

LEAD: dict[str, Any] = {
    "lead_id": "L1",
    "email": "ada@acme.io",
    "country": "DE",
    "gclid": "Cj0KCQada",
    "source": "google",
    "submitted_at": (datetime.now(UTC) - timedelta(hours=7)).isoformat(),
    "message": "A quote for 40 seats, please.",
    "consent_ad_user_data": True,
    "consent_ad_personalization": "yes",
    "job_title": "Head of operations",
}


@pytest.fixture
def telling(tmp_path: Path, registry: FolderRegistry) -> Iterator[tuple[TestClient, Settings, Sandbox]]:
    with Sandbox().run() as sandbox:
        made = settings_for(sandbox, tmp_path, consent={"assume_granted_in": ["US"]})
        serving = made.serving.model_copy(update={"reload_seconds": 0.1})
        settings = made.model_copy(update={"serving": serving})
        with client_of(settings, registry) as client:
            client.headers["x-api-key"] = key_of(client, "admin")
            yield client, settings, sandbox


def test_a_scored_lead_waits_in_the_ledger_and_is_told(telling: tuple[TestClient, Settings, Sandbox]) -> None:
    client, settings, sandbox = telling
    score = client.post("/v1/scores", json=LEAD).json()
    assert score["verdict"] == "accept"
    events = client.get("/v1/exports?lead=L1").json()["events"]
    assert {event["state"] for event in events} == {"pending"}
    assert {event["destination"] for event in events} >= {"google", "meta", "linkedin", "microsoft", "tiktok"}
    assert {float(event["value"]) for event in events} == {round(score["predicted_value"], 2)}
    state = client.app.state  # type: ignore[attr-defined]
    google = state.scoring.outbox.destinations["google"]
    assert ExportWorker(state.store.engine, google, settings, state.scoring.outbox.cipher).work() == {"accepted": 1}
    [platform] = [one for one in client.get("/v1/exports").json()["platforms"] if one["destination"] == "google"]
    assert platform["states"] == {"accepted": 1}
    assert sum(sandbox.of("google").counts.values()) == 1


def test_a_batch_and_a_repeated_request_add_each_lead_once(telling: tuple[TestClient, Settings, Sandbox]) -> None:
    client = telling[0]
    leads = [{**LEAD, "lead_id": f"B{number}"} for number in range(5)]
    for _ in range(2):
        assert (
            client.post("/v1/scores/batch", json={"leads": leads}, headers={"Idempotency-Key": "k"}).status_code == 200
        )
    state = client.app.state  # type: ignore[attr-defined]
    with state.store.engine.connect() as connection:
        rows = connection.execute(export_events.select()).mappings().all()
        assert (
            len({(row["destination"], row["lead_id"]) for row in rows})
            == len(rows)
            == 5 * len(state.scoring.outbox.destinations)
        )
        assert len(connection.execute(export_people.select()).all()) == 5


def test_a_rejected_lead_is_kept_and_not_told(telling: tuple[TestClient, Settings, Sandbox]) -> None:
    client = telling[0]
    assert client.post("/v1/scores", json={**LEAD, "email": "test@test.com"}).json()["verdict"] == "reject"
    assert client.get("/v1/exports?lead=L1").json()["events"] == []


def test_withdrawn_consent_holds_at_once(telling: tuple[TestClient, Settings, Sandbox]) -> None:
    client, settings, _ = telling
    client.post("/v1/scores", json=LEAD)
    said = client.post("/v1/leads/L1/consent", json={"ad_user_data": False, "source": "banner"})
    assert (said.status_code, said.json()) == (201, {"lead_id": "L1", "ad_user_data": False})
    state = client.app.state  # type: ignore[attr-defined]
    google = state.scoring.outbox.destinations["google"]
    assert ExportWorker(state.store.engine, google, settings, state.scoring.outbox.cipher).work() == {"suppressed": 1}
    wrong = client.post("/v1/leads/L1/consent", json={"ad_user_data": "perhaps", "source": "x"})
    assert (wrong.status_code, wrong.headers["content-type"]) == (422, "application/problem+json")


def sent_to(telling: tuple[TestClient, Settings, Sandbox]) -> dict[str, set[str]]:
    """Send what waits; return the states of the events by lead."""
    client, settings, _ = telling
    state = client.app.state  # type: ignore[attr-defined]
    for destination in state.scoring.outbox.destinations.values():
        while ExportWorker(state.store.engine, destination, settings, state.scoring.outbox.cipher).work():
            pass
    with state.store.engine.connect() as connection:
        states: dict[str, set[str]] = {}
        for row in connection.execute(export_events.select()).mappings():
            states.setdefault(row["lead_id"], set()).add(row["state"])
    return states


def test_consent_is_read_in_the_words_of_consent_platforms(telling: tuple[TestClient, Settings, Sandbox]) -> None:
    def post(lead_id: str, country: str, answer: str) -> None:
        both = {"consent_ad_user_data": answer, "consent_ad_personalization": answer}
        lead = {**LEAD, **both, "lead_id": lead_id, "country": country, "email": f"{lead_id}@acme.io"}
        assert telling[0].post("/v1/scores", json=lead).json()["verdict"] == "accept"

    post("denied-us", "US", "denied")
    post("unknown-word-us", "US", "ask me later")
    post("unspecified-us", "US", "UNSPECIFIED")
    post("granted-it", "IT", "granted")
    post("withdrawn-it", "IT", "yes")
    post("withdrawn-it", "IT", "denied")
    states = sent_to(telling)
    for lead_id in ("denied-us", "unknown-word-us", "withdrawn-it"):
        assert states[lead_id] == {"suppressed"}, lead_id
    for lead_id in ("unspecified-us", "granted-it"):
        assert "accepted" in states[lead_id]


def test_consent_is_recorded_in_words_and_not_where_it_is_not_understood(
    telling: tuple[TestClient, Settings, Sandbox],
) -> None:
    client = telling[0]
    client.post("/v1/scores", json=LEAD)
    said = client.post("/v1/leads/L1/consent", json={"ad_user_data": "opt-out", "source": "banner"})
    assert (said.status_code, said.json()) == (201, {"lead_id": "L1", "ad_user_data": False})
    assert sent_to(telling)["L1"] == {"suppressed"}


def test_a_file_is_fetched_with_a_key_as_the_password(telling: tuple[TestClient, Settings, Sandbox]) -> None:
    client = telling[0]
    client.post("/v1/scores", json=LEAD)
    del client.headers["x-api-key"]
    assert client.get("/v1/exports/google.csv").status_code == 401
    reader = b64encode(f"google:{key_of(client, 'read')}".encode()).decode()
    assert client.get("/v1/exports/google.csv", headers={"Authorization": f"Basic {reader}"}).status_code == 403
    fetcher = b64encode(f"google:{key_of(client, 'export')}".encode()).decode()
    for _ in range(2):  # fetched again, the rows are there again
        answer = client.get("/v1/exports/google.csv", headers={"Authorization": f"Basic {fetcher}"})
        lines = answer.text.splitlines()
        assert (answer.status_code, len(lines), lines[2].split(",")[0]) == (200, 3, "Cj0KCQada")
    assert client.get("/v1/exports/google.csv", headers={"Authorization": "Basic ???"}).status_code == 401


def test_no_file_is_set_up(client: TestClient) -> None:
    answer = client.get("/v1/exports/google.csv")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:leadworth:problem:no-file")
    assert client.get("/v1/exports").json() == {"platforms": [], "reasons": [], "repairs": [], "alarms": []}
