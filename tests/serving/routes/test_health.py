"""Liveness and readiness."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.serving.running import key_of


def test_health(client: TestClient) -> None:
    assert client.get("/livez").json() == {"status": "alive"}
    ready = {"status": "ready", "degraded": {}, "model_version": "1", "waiting": 0, "inputs": []}
    assert client.get("/readyz").json() == ready
    assert client.get("/healthz").json() == client.get("/readyz").json()


def test_a_service_that_cannot_store_refuses_and_is_not_ready(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = client.app.state.store
    monkeypatch.setattr(store._writer, "away", "OperationalError")
    monkeypatch.setattr(store._writer, "_retry_at", float("inf"))
    monkeypatch.setattr(store._writer._spool, "limit_bytes", 0)
    refused = client.post("/v1/scores", json={"email": "ada@acme.example"})
    assert (refused.status_code, refused.json()["type"].rsplit(":", 1)[-1]) == (503, "not-stored")
    assert refused.headers["retry-after"] == "5"
    assert client.post("/v1/forms/contact/leads", json={"email": "ada@acme.example"}).status_code == 503
    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200


def test_metrics_need_a_key(locked: TestClient) -> None:
    assert locked.get("/metrics").status_code == 401
    answer = locked.get("/metrics", headers={"authorization": f"Bearer {key_of(locked, 'read')}"})
    assert answer.status_code == 200
    assert "leadworth_decisions_total" in answer.text


def test_no_redirect_is_built_from_a_header(client: TestClient) -> None:
    answer = client.get("/v1/leads/A/score/", headers={"host": "evil.example"}, follow_redirects=False)
    assert answer.status_code == 404
