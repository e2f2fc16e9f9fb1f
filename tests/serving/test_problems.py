"""Every error is problem+json, has the id of the request and repeats no value of a lead."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import structlog
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

from serving.problems import UnhandledErrors

JSON = {"content-type": "application/json"}


def problem_of(client: TestClient, method: str, path: str, status: int, **request: object) -> dict[str, object]:
    answer = client.request(method, path, **request)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "request_id"}
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]
    return dict(problem)


@pytest.mark.parametrize(
    ("method", "path", "status", "request_"),
    [
        ("GET", "/nowhere", 404, {}),
        ("GET", "/v1/scores/nobody", 404, {}),
        ("DELETE", "/v1/scores", 405, {}),
        ("GET", "/docs/assets/nothing.js", 404, {}),
        ("POST", "/v1/scores", 415, {"content": "a=1", "headers": {"content-type": "text/plain"}}),
        ("POST", "/v1/scores", 422, {"content": "{", "headers": JSON}),
        ("POST", "/v1/scores", 422, {"content": "", "headers": JSON}),
        ("POST", "/v1/scores", 422, {"content": "[" * 100_000, "headers": JSON}),
        ("POST", "/v1/scores", 422, {"json": [1]}),
        ("POST", "/v1/scores", 422, {"json": {}, "headers": {"idempotency-key": ""}}),
        ("POST", "/v1/scores", 422, {"json": {"lead_id": "x" * 513}}),
    ],
)
def test_every_error_is_a_problem(
    client: TestClient, method: str, path: str, status: int, request_: dict[str, object]
) -> None:
    problem_of(client, method, path, status, **request_)


def test_405_names_the_methods(client: TestClient) -> None:
    assert client.delete("/v1/scores").headers["allow"] == "POST"


def test_failures_repeat_nothing_of_the_lead(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ValueError("cannot use ada@example.org")

    monkeypatch.setattr("models.bundle.Bundle.decide", fail)
    with structlog.testing.capture_logs() as logs, caplog.at_level(logging.DEBUG):
        problem = problem_of(client, "POST", "/v1/scores", 500, json={"email": "ada@example.org"})
        batch = client.post("/v1/scores/batch", json={"leads": [{"email": "ada@example.org"}]}).json()
    assert batch["results"][0]["status"] == 500
    said = json.dumps([problem, batch, [entry for entry in logs if entry["event"] == "request failed"]])
    assert "ValueError" in said
    assert "ada@" not in said
    assert "ada@" not in caplog.text


def test_validation_errors_name_places_and_no_values(client: TestClient) -> None:
    secret = "ada@example.org"
    body = {"label": secret, "why": [secret], secret: secret, "reason": secret}
    problem = problem_of(client, "POST", "/v1/leads/L1/feedback", 422, json=body)
    assert problem["type"] == "urn:leadworth:problem:invalid-request"
    assert "ada@" not in str(problem)  # a request id may contain "ada"
    for place in ("body.label", "body.why", "body.reason", "body.?"):
        assert place in str(problem["detail"])
    problem = problem_of(client, "GET", f"/v1/leads?limit={secret}&verdict={secret}", 422)
    assert "ada@" not in str(problem)
    assert "query.limit" in str(problem["detail"])


def test_a_lost_connection_is_no_failure_of_the_service() -> None:
    async def ends(scope: Any, receive: Any, send: Any) -> None:
        raise ClientDisconnect

    with structlog.testing.capture_logs() as logs:
        answer = TestClient(UnhandledErrors(ends)).post("/v1/scores")
    assert (answer.status_code, answer.json()["type"], logs) == (400, "urn:leadworth:problem:incomplete-request", [])
