"""Dependencies of the routes: API keys and scopes, the store."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from tests.serving.running import FolderRegistry, client_of, key_of, settings_in
from tests.serving.test_problems import problem_of


def test_keys_and_scopes_are_required(locked: TestClient) -> None:
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
    for path in ("/livez", "/readyz", "/healthz", "/openapi.json", "/docs"):
        assert locked.get(path).status_code == 200


def test_reads_fail_while_the_store_is_away(tmp_path: Path, registry: FolderRegistry) -> None:
    with client_of(settings_in(tmp_path, store=f"sqlite:///{tmp_path}/away/s.db"), registry) as client:
        for path in ("/v1/scores/A", "/v1/leads", "/v1/leads/A/history", "/v1/exports"):
            assert problem_of(client, "GET", path, 503)["type"] == "urn:leadworth:problem:unavailable"
        problem_of(client, "POST", "/v1/leads/A/feedback", 503, json={"label": "junk"})
        assert client.post("/v1/scores", json={}).headers["x-leadworth-degraded"] == "store"
