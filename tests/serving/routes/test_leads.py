"""Leads by verdict and feedback over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.make_bundle import lead_of, make_leads
from tests.serving.running import FolderRegistry, client_of, key_of, settings_in


@pytest.fixture(params=["sqlite", "postgresql"])
def scored(request: pytest.FixtureRequest, tmp_path: Path, registry: FolderRegistry) -> Iterator[TestClient]:
    """A service that has decided about 30 leads, one of them twice."""
    url = (
        str(request.getfixturevalue("migrated_postgres"))
        if request.param == "postgresql"
        else f"sqlite:///{tmp_path}/s.db"
    )
    with client_of(settings_in(tmp_path, store=url), registry) as client:
        leads = make_leads(30, seed=8)
        for row in [*range(30), 3]:
            client.post("/v1/scores", json=lead_of(leads.iloc[row]).model_dump(mode="json", exclude_none=True))
        yield client


def verdicts(client: TestClient) -> dict[str, str]:
    return {lead["lead_id"]: lead["verdict"] for lead in client.get("/v1/leads?limit=500").json()["leads"]}


def test_every_lead_is_listed_once_and_none_is_lost(scored: TestClient) -> None:
    assert len(verdicts(scored)) == 30
    parts = [
        scored.get(f"/v1/leads?verdict={verdict}&limit=500").json()["leads"]
        for verdict in ("accept", "review", "reject")
    ]
    assert sum(map(len, parts)) == 30
    assert sum(map(bool, parts)) >= 2


def test_pages_hold_each_lead_once(scored: TestClient) -> None:
    seen, after = [], ""
    while after is not None:
        page = scored.get(f"/v1/leads?limit=7{after and '&before=' + after}").json()
        seen += [lead["lead_id"] for lead in page["leads"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == 30


def test_a_page_after_something_else_than_a_page_is_refused(scored: TestClient) -> None:
    refused = scored.get("/v1/leads?before=abc")
    assert refused.status_code == 422
    assert "before" in refused.text


def test_feedback_flips_the_verdict_and_stays_on_record(scored: TestClient) -> None:
    lead = next(lead for lead, verdict in verdicts(scored).items() if verdict == "reject")
    given = scored.post(f"/v1/leads/{lead}/feedback", json={"label": "not_junk", "why": "I met her"})
    assert given.status_code == 201
    assert (given.json()["verdict_before"], given.json()["verdict_after"]) == ("reject", "accept")
    assert verdicts(scored)[lead] == "accept"
    scored.post(f"/v1/leads/{lead}/feedback", json={"label": "junk"})
    assert verdicts(scored)[lead] == "reject"
    history = scored.get(f"/v1/leads/{lead}/history").json()
    assert [one["label"] for one in history["feedback"]] == ["not_junk", "junk"]
    assert history["feedback"][1]["verdict_before"] == "accept"
    assert len(history["decisions"]) >= 1


def test_a_lead_that_is_scored_again_keeps_what_people_said(scored: TestClient) -> None:
    lead = next(lead for lead, verdict in verdicts(scored).items() if verdict != "reject")
    scored.post(f"/v1/leads/{lead}/feedback", json={"label": "junk"})
    scored.post("/v1/scores", json={"lead_id": lead, "company": "Acme", "employees": 50})
    assert verdicts(scored)[lead] == "reject"


@pytest.mark.parametrize(
    ("body", "says"), [({"label": "spam"}, "label"), ({}, "label"), ({"label": "junk", "who": "me"}, "who"), ([], "")]
)
def test_what_cannot_be_used_is_named(scored: TestClient, body: object, says: str) -> None:
    answer = scored.post("/v1/leads/L1/feedback", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]


def test_bad_questions_are_problems(scored: TestClient) -> None:
    assert scored.get("/v1/leads?verdict=maybe").status_code == 422
    assert scored.get("/v1/leads?limit=0").status_code == 422
    assert scored.post("/v1/leads/nobody/feedback", json={"label": "junk"}).status_code == 404
    assert scored.get("/v1/leads/nobody/history").status_code == 404


def test_feedback_needs_its_scope(locked: TestClient) -> None:
    answers = {}
    for scope in ("read", "feedback", "admin"):
        headers = {"Authorization": f"Bearer {key_of(locked, scope)}"}
        answers[scope] = locked.post("/v1/leads/x/feedback", json={"label": "junk"}, headers=headers).status_code
    assert answers == {"read": 403, "feedback": 404, "admin": 404}
