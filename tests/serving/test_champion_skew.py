"""Inputs of the service's latest leads that differ from training: readiness, metrics, restart."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from leadworth.settings import Settings
from tests.make_bundle import lead_of, make_leads
from tests.serving.running import FolderRegistry, client_of, settings_in


def post(client: TestClient, rows: int = 80, **without: Any) -> None:
    """Score leads like those of the training, with some fields set to another value."""
    leads = make_leads(rows, seed=5).drop(columns=["lead_id", "submitted_at"])
    sent = [{**lead_of(leads.iloc[row]).model_dump(mode="json", exclude_none=True), **without} for row in range(rows)]
    answer = client.post("/v1/scores/batch", json={"leads": sent})
    assert answer.status_code == 200


def look(client: TestClient) -> list[str]:
    state = client.app.state
    while state.store.waiting:  # on a loaded machine a response does not wait for the commit
        time.sleep(0.01)
    with state.store.engine.connect() as connection:
        state.skew.look(connection)
    ready = client.get("/readyz").json()
    assert ready["status"] == "ready"
    return list(ready["inputs"])


@pytest.fixture
def settings(tmp_path: Path, store_url: str) -> Settings:
    return settings_in(tmp_path, store=store_url)


def test_leads_like_those_of_training(settings: Settings, registry: FolderRegistry) -> None:
    with client_of(settings, registry) as client:
        assert look(client) == []
        post(client)
        assert not [sentence for sentence in look(client) if not sentence.startswith("velocity")]


def test_an_input_that_is_always_missing_survives_a_restart(settings: Settings, registry: FolderRegistry) -> None:
    with client_of(settings, registry) as client:
        post(client, employees=None)
        [sentence] = look(client)
        assert sentence.startswith("employees is missing in 100% of the latest leads (training: ")
        assert "What to do: map employees" in sentence
        metrics = client.get("/metrics").text
        assert 'leadworth_input_missing_share{input="employees"} 1.0' in metrics
        assert 'leadworth_input_skew_money{input="employees"}' in metrics
    with client_of(settings, registry) as client:
        assert client.get("/readyz").json()["inputs"] == []
        assert look(client) == [sentence]
        registry.alias = "2"  # its training is compared with its own decisions, of which there are none
        client.app.state.scoring.champion.look()
        assert look(client) == []
        assert 'leadworth_input_missing_share{input="employees"}' not in client.get("/metrics").text


def test_the_watcher_looks(settings: Settings, registry: FolderRegistry) -> None:
    often = settings.model_copy(update={"serving": settings.serving.model_copy(update={"watch_seconds": 0.05})})
    with client_of(often, registry) as client:
        post(client, employees=None)
        end = time.monotonic() + 20
        while not (inputs := client.get("/readyz").json()["inputs"]):
            assert time.monotonic() < end
            time.sleep(0.02)
        assert inputs[0].startswith("employees")


def test_without_a_champion_nothing_is_compared(settings: Settings, registry: FolderRegistry) -> None:
    registry.away = True
    with client_of(settings, registry) as client:
        state = client.app.state
        with state.store.engine.connect() as connection:
            state.skew.look(connection)
        assert state.skew.findings == []
