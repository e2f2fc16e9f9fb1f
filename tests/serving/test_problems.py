"""Every error is problem+json, has the request's id and repeats nothing of a lead."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from starlette.testclient import TestClient

from tests.serving.running import FolderRegistry, client_of, key_of, settings_in

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


@pytest.fixture
def small(tmp_path: Path, registry: FolderRegistry) -> Iterator[TestClient]:
    with client_of(settings_in(tmp_path, body_limit_bytes=1000), registry) as client:
        yield client


def test_a_body_too_long_by_what_it_says(small: TestClient) -> None:
    assert small.post("/v1/scores", json={"message": "x" * 900}).status_code == 200
    problem_of(small, "POST", "/v1/scores", 413, json={"message": "x" * 1000})


def test_a_body_too_long_while_it_arrives(small: TestClient) -> None:
    sent = []

    def pieces() -> Iterator[bytes]:
        for _ in range(5):
            sent.append(300)
            yield b"x" * 300

    problem_of(small, "POST", "/v1/scores", 413, content=pieces(), headers=JSON)


def test_a_failure_tells_nothing_of_the_lead(
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


def test_a_request_id_is_taken_or_made(client: TestClient) -> None:
    assert client.get("/livez", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    for odd in ("a b", "x" * 200, "<script>"):
        assert len(client.get("/livez", headers={"x-request-id": odd}).headers["x-request-id"]) == 32


def test_keys_are_asked_for(locked: TestClient) -> None:
    score, read, admin = key_of(locked, "score"), key_of(locked, "read"), key_of(locked, "admin")
    for headers in ({}, {"x-api-key": "lw_1_2"}, {"authorization": "Basic abc"}, {"x-api-key": score + "x"}):
        problem_of(locked, "POST", "/v1/scores", 401, json={}, headers=headers)
        answer = locked.post("/v1/scores", json={}, headers=headers)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    problem_of(locked, "POST", "/v1/scores", 403, json={}, headers={"x-api-key": read})
    problem_of(locked, "GET", "/v1/models/champion", 403, headers={"x-api-key": score})
    for key in (score, admin):
        assert locked.post("/v1/scores", json={}, headers={"authorization": f"Bearer {key}"}).status_code == 200
    assert locked.get("/v1/models/champion", headers={"x-api-key": read}).status_code == 200
    for path in ("/livez", "/readyz", "/healthz", "/metrics", "/openapi.json", "/docs"):
        assert locked.get(path).status_code == 200
