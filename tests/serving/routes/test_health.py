"""Liveness and readiness."""

from __future__ import annotations

from starlette.testclient import TestClient


def test_health(client: TestClient) -> None:
    assert client.get("/livez").json() == {"status": "alive"}
    ready = {"status": "ready", "degraded": {}, "model_version": "1", "waiting": 0, "inputs": []}
    assert client.get("/readyz").json() == ready
    assert client.get("/healthz").json() == client.get("/readyz").json()
