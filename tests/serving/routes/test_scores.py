"""POST /v1/scores and its kin, with a real bundle."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from leadworth.records import SCORE_COLUMNS, Lead, Score
from models.bundle import Bundle
from tests.serving.running import FolderRegistry, client_of, settings_in

LEAD = {"lead_id": "A-1", "email": "ada@acme.io", "company": "Acme", "employees": "50-100", "Seats": 30}


def test_answers_the_score_of_the_bundle(client: TestClient, bundles: Path) -> None:
    answer = client.post("/v1/scores", json=LEAD | {"submitted_at": "2026-05-01T10:00:00Z"})
    assert answer.status_code == 200
    assert "x-leadworth-degraded" not in answer.headers
    score = answer.json()
    assert list(score) == ["lead_id", *SCORE_COLUMNS]
    lead = Lead(**LEAD, submitted_at="2026-05-01T10:00:00Z")
    expected = Bundle.load(bundles / "1").score(lead, scored_at=datetime.fromisoformat(score["scored_at"]))
    assert Score.model_validate(score) == expected


def test_looks_up_the_latest_score(client: TestClient) -> None:
    client.post("/v1/scores", json=LEAD | {"company": None})
    second = client.post("/v1/scores", json=LEAD).json()
    assert client.get("/v1/scores/A-1").json() == second


def test_gives_an_id_and_a_time(client: TestClient) -> None:
    score = client.post("/v1/scores", json={"email": "ada@acme.io"}).json()
    assert len(score["lead_id"]) == 32
    assert client.get(f"/v1/scores/{score['lead_id']}").json() == score


def test_an_unknown_lead_is_a_problem(client: TestClient) -> None:
    answer = client.get("/v1/scores/nobody")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:leadworth:problem:unknown-lead"


def test_a_batch_answers_each_lead(client: TestClient) -> None:
    leads = [LEAD, "not a lead", {"lead_id": "x" * 600}, {"lead_id": "A-2"}]
    answer = client.post("/v1/scores/batch", json={"leads": leads})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["scored"], body["failed"]) == (2, 2)
    assert [result["status"] for result in body["results"]] == [200, 422, 422, 200]
    assert body["results"][0]["score"] == client.get("/v1/scores/A-1").json()
    assert body["results"][1]["problem"]["type"] == "urn:leadworth:problem:not-an-object"


def test_a_lead_of_a_batch_is_worth_what_it_is_alone(client: TestClient) -> None:
    lead = LEAD | {"submitted_at": "2026-05-01T10:00:00Z"}
    alone = client.post("/v1/scores", json=lead).json()
    together = client.post("/v1/scores/batch", json={"leads": [{}, lead]}).json()["results"][1]["score"]
    assert {**together, "scored_at": ""} == {**alone, "scored_at": ""}


@pytest.mark.parametrize(
    ("body", "code"),
    [({"leads": {}}, "no-leads"), ({}, "no-leads"), ({"leads": [{}] * 1001}, "too-many-leads")],
)
def test_a_batch_that_is_none_is_a_problem(client: TestClient, body: object, code: str) -> None:
    answer = client.post("/v1/scores/batch", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(code)


def ages_of(client: TestClient) -> list[float | None]:
    with client.app.state.store.engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT age_days FROM decisions ORDER BY decision_id")]


@pytest.mark.parametrize(
    ("given_age", "age"), [(30, 30.0), ("30", 30.0), ("1,5", 1.5), (0, 0.0), (None, None), (" ", None)]
)
def test_an_open_lead_may_tell_its_age(client: TestClient, given_age: object, age: float | None) -> None:
    lead = LEAD | {"age_days": given_age}
    assert client.post("/v1/scores", json=lead).status_code == 200
    assert client.post("/v1/scores/batch", json={"leads": [lead]}).json()["scored"] == 1
    assert ages_of(client) == [age, age]


@pytest.mark.parametrize("age", ["-1", "1e400", "-1e400", "NaN", "Infinity", '"old"', '"-3"', "true", "[]", "{}"])
def test_an_age_that_cannot_be_is_a_problem(client: TestClient, age: str) -> None:
    lead = f'{{"lead_id": "A-1", "age_days": {age}}}'
    answers = [
        client.post("/v1/scores", content=lead).json(),
        client.post("/v1/scores/batch", content=f'{{"leads": [{lead}]}}').json()["results"][0]["problem"],
    ]
    for problem in answers:
        assert (problem["status"], problem["type"]) == (422, "urn:leadworth:problem:invalid-age")
        assert "allowed: the days that the lead has been open, 0 or more" in problem["detail"]
    assert ages_of(client) == []


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from([*Lead.model_fields, "Seats", "Plan", "extras", "model_config", "__class__"]) | st.text()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lead=st.dictionaries(names.filter(lambda name: name != "lead_id"), anything, max_size=6))
def test_wrong_types_never_fail_a_score(client: TestClient, lead: dict[str, object]) -> None:
    body = json.dumps(lead).encode("utf-8", "surrogatepass")
    answer = client.post("/v1/scores", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text
    Score.model_validate(answer.json())


@pytest.mark.parametrize("lead_id", [7, 7.0, "caf\u00e9", "a/b c", "nul\x00", ""])
def test_any_id_can_be_looked_up(client: TestClient, lead_id: object) -> None:
    score = client.post("/v1/scores", json={"lead_id": lead_id}).json()
    assert client.get(f"/v1/scores/{quote(score['lead_id'], safe='')}").json() == score


def test_half_an_emoji_does_not_fail_a_score(client: TestClient) -> None:
    for body in (
        b'{"first_name": "Ada \\ud83d"}',
        b'{"first_name": "Caf\xe9"}',
        b'{"employees": ' + b"9" * 5000 + b"}",
    ):
        assert client.post("/v1/scores", content=body).status_code == 200


def test_no_store_row_holds_personal_data(client: TestClient, tmp_path: Path) -> None:
    secrets = {
        "email": "ada.private@acme.io",
        "phone": "+39 06 6982 777",
        "gclid": "Cj0-secret",
        "ip": "203.0.113.9",
        "first_name": "Adalberta",
        "message": "call my private number",
    }
    client.post("/v1/scores", json=LEAD | secrets, headers={"Idempotency-Key": "k"})
    with client.app.state.store.engine.connect() as connection:
        for table in ("decisions", "answers"):
            rows = str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            assert "A-1" in rows
            assert not [value for value in secrets.values() if value in rows]
    assert "A-1" not in client.get("/metrics").text


def test_the_row_names_model_bundle_features_and_request(client: TestClient, bundles: Path) -> None:
    client.post("/v1/scores", json=LEAD, headers={"X-Request-ID": "req-7"})
    client.post("/v1/scores", json=LEAD | {"Seats": 31}, headers={"X-Request-ID": "req-8"})
    with client.app.state.store.engine.connect() as connection:
        first, second = connection.exec_driver_sql("SELECT * FROM decisions ORDER BY decision_id").mappings()
    assert (first["model_version"], first["bundle_id"]) == ("1", Bundle.load(bundles / "1").id)
    assert (first["request_id"], second["request_id"]) == ("req-7", "req-8")
    assert first["features_hash"] != second["features_hash"]


def test_without_a_model_it_says_so(tmp_path: Path, registry: FolderRegistry) -> None:
    registry.away = True
    with client_of(settings_in(tmp_path), registry) as client:
        assert client.get("/livez").status_code == 200
        for answer in (client.get("/readyz"), client.post("/v1/scores", json=LEAD)):
            assert answer.status_code == 503
            assert answer.json()["type"] == "urn:leadworth:problem:no-champion"
