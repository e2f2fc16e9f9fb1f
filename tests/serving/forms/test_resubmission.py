"""A second submit of a form is the same lead, corrected: one lead, one transaction, on any worker."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from leadworth.form_settings import FormSettings
from serving.forms import resubmission
from store.decision_log import first_decisions
from store.schema import decisions, export_events, export_people
from tests.conversions.events import settings_for
from tests.conversions.export_setup import export_at
from tests.serving.running import FolderRegistry, client_of

FORM = "/v1/forms/contact/leads"
PERSON = {
    "email": "sara.conti@conti-forni.it",
    "first_name": "Sara",
    "last_name": "Conti",
    "company": "Conti Forni",
    "country": "IT",
    "message": "A quote for 40 seats, please.",
    "consent_ad_user_data": "granted",
    "consent_ad_personalization": "granted",
}

Workers = tuple[TestClient, TestClient]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def workers(request: pytest.FixtureRequest, tmp_path: Path, registry: FolderRegistry) -> Iterator[Workers]:
    """Two workers of one service."""
    url = (
        str(request.getfixturevalue("migrated_postgres"))
        if request.param == "postgresql"
        else f"sqlite:///{tmp_path}/s.db"
    )
    with export_at(url, tmp_path) as export:
        made = settings_for(export.sandbox, tmp_path)
        serving = made.serving.model_copy(update={"api_keys": False, "store": type(made.serving.store)(url)})
        forms = FormSettings(protected=("contact",), per_minute=0)
        settings = made.model_copy(update={"serving": serving, "forms": forms})
        with client_of(settings, registry) as first, client_of(settings, registry) as second:
            yield first, second


def token_of(client: TestClient) -> str:
    return str(client.get("/v1/forms/contact/token").json()["token"])


def query(client: TestClient, statement: Any) -> list[Any]:
    with client.app.state.store.engine.connect() as connection:  # type: ignore[attr-defined]
        return list(connection.execute(statement))


def leads_of(client: TestClient) -> set[str]:
    return {row.lead_id for row in query(client, select(decisions.c.lead_id))}


def google_events(client: TestClient) -> list[Any]:
    return query(client, select(export_events).where(export_events.c.destination == "google"))


def test_the_same_token_and_person_are_one_lead_with_the_later_values(workers: Workers) -> None:
    first, second = workers
    token = token_of(first)
    assert first.post(FORM, data=PERSON | {"form_token": token}).status_code == 202
    [before] = google_events(first)
    corrected = PERSON | {"form_token": token, "gclid": "CjwKtest000000001", "message": "A quote for 400 seats."}
    assert (
        second.post(FORM, data=corrected | {"job_title": "Head of operations", "employees": "900"}).status_code == 202
    )
    assert len(leads_of(first)) == 1
    [event] = google_events(first)
    rows = query(first, select(decisions).order_by(decisions.c.decision_id))
    assert len(rows) == 2
    assert (float(before.value), float(event.value)) == tuple(round(row.predicted_value, 2) for row in rows)
    cipher = first.app.state.scoring.outbox.cipher  # type: ignore[attr-defined]
    [person] = query(first, select(export_people))
    for sealed in (person.sealed, event.payload):
        assert cipher.decrypt(sealed)["identity"]["gclid"] == "CjwKtest000000001"
    with first.app.state.store.engine.connect() as connection:  # type: ignore[attr-defined]
        [decided] = first_decisions(connection, [event.lead_id]).values()
    assert decided["win_probability"] == rows[1].win_probability


def test_posts_at_once_are_one_lead(workers: Workers) -> None:
    fields = PERSON | {"form_token": token_of(workers[0])}
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda number: workers[number % 2].post(FORM, data=fields).status_code, range(12)))
    assert set(answers) == {202}
    assert len(leads_of(workers[0])) == 1
    assert len(google_events(workers[0])) == 1


def test_another_person_another_token_and_a_later_hour_are_other_leads(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = workers
    token = token_of(first)
    first.post(FORM, data=PERSON | {"form_token": token})
    second.post(FORM, data=PERSON | {"form_token": token, "email": "ada@conti-forni.it"})
    assert len(leads_of(first)) == 2
    second.post(FORM, data=PERSON | {"form_token": token_of(first)})
    assert len(leads_of(first)) == 3
    monkeypatch.setattr(resubmission, "SAME_TOKEN", timedelta(seconds=0.01))
    second.post(FORM, data=PERSON | {"form_token": token})
    assert len(leads_of(first)) == 4


def test_the_same_content_within_seconds_is_one_lead_without_token_or_id(workers: Workers) -> None:
    first, second = workers
    for client in (first, second):
        assert client.post(FORM, data=PERSON).status_code == 202
    assert len(leads_of(first)) == 1
    bodies = [client.post("/v1/scores", json=PERSON).json()["lead_id"] for client in (first, second, first)]
    assert len(set(bodies)) == 1
    assert first.post("/v1/scores", json=PERSON | {"message": "Other"}).json()["lead_id"] not in bodies
    [*_, last] = google_events(first)
    assert len(google_events(first)) == len(leads_of(first)) == 3
    assert last.lead_id in leads_of(first)


def test_the_same_content_later_or_without_a_person_is_another_lead(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = workers[0]
    monkeypatch.setattr(resubmission, "SAME_CONTENT", timedelta(microseconds=1))
    later = [first.post("/v1/scores", json=PERSON).json()["lead_id"] for _ in range(2)]
    monkeypatch.undo()
    nameless = [first.post("/v1/scores", json={"message": "Hello"}).json()["lead_id"] for _ in range(2)]
    assert len({*later, *nameless}) == 4


def test_ids_of_the_caller_and_batches_are_left_alone(workers: Workers) -> None:
    first = workers[0]
    assert first.post("/v1/scores", json=PERSON | {"lead_id": "own"}).json()["lead_id"] == "own"
    results = first.post("/v1/scores/batch", json={"leads": [PERSON, PERSON]}).json()["results"]
    assert len({result["score"]["lead_id"] for result in results}) == 2
