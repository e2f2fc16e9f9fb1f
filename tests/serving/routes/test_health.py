"""Liveness and readiness."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


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
