"""The champion follows its alias, and goes on while the registry is away."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.champion import Champion
from tests.serving.running import FolderRegistry, client_of, settings_in


def version_of(client: TestClient) -> str:
    return str(client.get("/v1/models/champion").json()["version"])


def until(true: object, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "did not come true in time"
        time.sleep(0.02)


def test_a_moved_alias_is_followed(client: TestClient, registry: FolderRegistry) -> None:
    assert version_of(client) == "1"
    registry.alias = "2"
    until(lambda: version_of(client) == "2")
    assert client.post("/v1/scores", json={}).json()["model_version"] == "2"
    registry.alias = "1"
    until(lambda: version_of(client) == "1")
    assert registry.fetched == ["1", "2"]


def test_goes_on_while_the_registry_is_away(client: TestClient, registry: FolderRegistry) -> None:
    registry.away = True
    until(lambda: client.get("/readyz").json()["status"] == "degraded")
    answer = client.post("/v1/scores", json={})
    assert answer.status_code == 200
    assert answer.headers["x-leadworth-degraded"] == "registry"
    registry.away = False
    until(lambda: client.get("/readyz").json()["status"] == "ready")
    assert "x-leadworth-degraded" not in client.post("/v1/scores", json={}).headers


def test_restarts_without_the_registry(tmp_path: Path, registry: FolderRegistry) -> None:
    registry.alias = "2"
    with client_of(settings_in(tmp_path), registry) as client:
        assert version_of(client) == "2"
    registry.away = True
    with client_of(settings_in(tmp_path), registry) as client:
        assert version_of(client) == "2"
        assert client.post("/v1/scores", json={}).headers["x-leadworth-degraded"] == "registry"


def test_a_broken_bundle_does_not_replace_the_one_in_use(
    client: TestClient, registry: FolderRegistry, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    for name in ("1", "3"):
        (broken / name).mkdir(parents=True)
    registry.folder = broken
    registry.alias = "3"
    until(lambda: client.get("/readyz").json()["degraded"] == {"registry": "BundleError"})
    assert client.post("/v1/scores", json={}).json()["model_version"] == "1"


def test_a_damaged_copy_is_fetched_again(tmp_path: Path, registry: FolderRegistry) -> None:
    first = Champion(registry, tmp_path, 60)
    first.look()
    assert first.away is None
    (tmp_path / "leadworth-1" / "policy.toml").write_text("changed")
    second = Champion(registry, tmp_path, 60)
    second.look()
    assert (second.away, registry.fetched) == (None, ["1", "1"])


def test_old_bundles_are_dropped(tmp_path: Path, registry: FolderRegistry) -> None:
    champion = Champion(registry, tmp_path, 60)
    for number in range(8):
        (tmp_path / f"leadworth-old{number}").mkdir()
    champion.look()
    kept = [path.name for path in tmp_path.iterdir() if path.is_dir()]
    assert len(kept) == 5
    assert "leadworth-1" in kept


def test_no_request_is_lost_while_the_champion_changes(client: TestClient, registry: FolderRegistry) -> None:
    answers: list[tuple[int, str]] = []
    stop = threading.Event()

    def send() -> None:
        while not stop.is_set():
            answer = client.post("/v1/scores", json={"company": "Acme", "employees": 50})
            answers.append((answer.status_code, f"{answer.json()['model_version']} {answer.json()['win_probability']}"))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for alias in "212121":
        registry.alias = alias
        time.sleep(0.25)
    stop.set()
    for thread in threads:
        thread.join()
    assert {status for status, _ in answers} == {200}
    assert len({said for _, said in answers}) == 2  # each version with its own probability, never a mixture


def test_a_model_of_leads_without_dates_is_used(
    tmp_path: Path, registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    champion = Champion(registry, tmp_path / "bundles", 0.1)
    champion.look()
    loaded = champion.current
    assert loaded is not None
    monkeypatch.setattr(loaded.bundle, "meta", loaded.bundle.meta.model_copy(update={"as_of": None}))
    champion._swap(loaded)
    assert champion.current is loaded
