"""The same Idempotency-Key gets the same answer, and one decision."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from leadworth.retention_settings import RetentionSettings
from models.bundle import Bundle
from tests.serving.running import FolderRegistry, client_of, settings_in

LEAD = {"email": "ada@acme.io"}


def rows_in(client: TestClient) -> int:
    with client.app.state.store.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar_one())


@pytest.mark.parametrize(("path", "body"), [("/v1/scores", LEAD), ("/v1/scores/batch", {"leads": [LEAD, {}, 1]})])
def test_a_repetition_gets_the_same_answer(client: TestClient, path: str, body: dict[str, object]) -> None:
    first = client.post(path, json=body, headers={"idempotency-key": "k1"})
    before = rows_in(client)
    second = client.post(path, json=body, headers={"idempotency-key": "k1"})
    assert second.content == first.content
    assert second.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert rows_in(client) == before
    assert client.post(path, json=body, headers={"idempotency-key": "k2"}).content != first.content


def test_another_body_is_refused(client: TestClient) -> None:
    client.post("/v1/scores", json=LEAD, headers={"idempotency-key": "k1"})
    answer = client.post("/v1/scores", json={}, headers={"idempotency-key": "k1"})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("idempotency-key-reused")


def test_a_failed_request_may_be_repeated(client: TestClient) -> None:
    headers = {"idempotency-key": "k1", "content-type": "application/json"}
    assert client.post("/v1/scores", content="[]", headers=headers).status_code == 422
    assert client.post("/v1/scores", json={}, headers=headers).status_code == 200


def test_it_is_remembered_over_a_restart(tmp_path: Path, registry: FolderRegistry, store_url: str) -> None:
    settings = settings_in(tmp_path, store=store_url)
    with client_of(settings, registry) as client:
        first = client.post("/v1/scores", json=LEAD, headers={"idempotency-key": "k1"})
    with client_of(settings, registry) as client:
        assert client.post("/v1/scores", json=LEAD, headers={"idempotency-key": "k1"}).content == first.content
        assert rows_in(client) == 1


def test_it_is_forgotten_after_its_time(tmp_path: Path, registry: FolderRegistry) -> None:
    settings = settings_in(tmp_path).model_copy(update={"retention": RetentionSettings(answers_hours=1e-8)})
    with client_of(settings, registry) as client:
        first = client.post("/v1/scores", json=LEAD, headers={"idempotency-key": "k1"})
        again = client.post("/v1/scores", json={}, headers={"idempotency-key": "k1"})
        assert again.status_code == 200
        assert again.content != first.content


def test_two_servers_agree_on_one_answer(tmp_path: Path, registry: FolderRegistry, store_url: str) -> None:
    settings = settings_in(tmp_path, store=store_url)
    answers: list[bytes] = []
    with client_of(settings, registry) as one, client_of(settings, registry) as two:
        for number in range(5):
            ready = threading.Barrier(4)

            def send(client: TestClient, key: str = f"k{number}", ready: threading.Barrier = ready) -> None:
                ready.wait()
                answers.append(client.post("/v1/scores", json=LEAD, headers={"idempotency-key": key}).content)

            threads = [threading.Thread(target=send, args=(client,)) for client in (one, two, one, two)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(answers) == 20
        assert len(set(answers)) == 5
        assert rows_in(one) == 5


def test_at_the_same_time_it_is_computed_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = []
    decide = Bundle.decide

    def counted(self: Bundle, *lead: Any, **rest: Any) -> Any:
        computed.append(1)
        return decide(self, *lead, **rest)

    monkeypatch.setattr(Bundle, "decide", counted)
    answers: list[bytes] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(
                client.post("/v1/scores", json=LEAD, headers={"idempotency-key": "k"}).content
            )
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert len(computed) == 1
