"""Liveness and readiness."""

from __future__ import annotations

from starlette.testclient import TestClient


def test_health(client: TestClient) -> None:
    assert client.get("/livez").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready", "degraded": {}, "model_version": "1", "waiting": 0}
    assert client.get("/healthz").json() == client.get("/readyz").json()
