"""Description of the model in use."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from models.bundle import Bundle


def test_the_champion_is_described(client: TestClient, bundles: Path) -> None:
    champion = client.get("/v1/models/champion").json()
    assert champion["version"] == "1"
    assert champion["bundle_id"] == Bundle.load(bundles / "1").id
