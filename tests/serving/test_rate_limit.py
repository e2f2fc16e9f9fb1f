"""The public routes take a number of posts a minute and address."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from leadworth.form_settings import FormSettings
from serving.rate_limit import client_network
from tests.serving.running import FolderRegistry, client_of, key_of, settings_in


@pytest.mark.parametrize("redis", [None, "redis://127.0.0.1:9/0"])
def test_posts_beyond_the_limit_are_refused(tmp_path: Path, registry: FolderRegistry, redis: str | None) -> None:
    settings = settings_in(tmp_path, redis=redis).model_copy(update={"forms": FormSettings(per_minute=3)})
    with client_of(settings, registry) as client:
        statuses = [post(client) for _ in range(5)]
        assert statuses == [202, 202, 202, 429, 429] if redis is None else [202] * 5
        assert client.post("/v1/scores", json={}).status_code == 200


def test_processes_count_together_in_redis(tmp_path: Path, registry: FolderRegistry, redis_prefix: str) -> None:
    del redis_prefix  # only its check that there is a Redis
    settings = settings_in(tmp_path, redis="redis://127.0.0.1:6379/0")
    limited = settings.model_copy(update={"forms": FormSettings(per_minute=1_000_000)})
    with client_of(limited, registry) as client:
        assert post(client) == 202


def test_requests_of_a_key_beyond_its_limit_are_refused(tmp_path: Path, registry: FolderRegistry) -> None:
    with client_of(settings_in(tmp_path, api_keys=True, per_key_per_minute=3), registry) as client:
        first, second = ({"x-api-key": key_of(client, "admin")} for _ in range(2))
        paths = ("/v1/scores", "/v1/leads/A/feedback", "/v1/scores?strict=true", "/v1/scores")
        answers = [client.post(path, json={"lead_id": "A"}, headers=first) for path in paths]
        assert [answer.status_code for answer in answers] == [200, 422, 200, 429]
        assert answers[-1].headers["retry-after"] == "60"
        assert "3 requests a minute with this API key" in answers[-1].json()["detail"]
        assert client.post("/v1/scores", json={}, headers=second).status_code == 200
        assert client.get("/livez").status_code == 200
        figures = client.get("/metrics", headers=second).text
    assert 'leadworth_rate_limited_total{limit="key"}' in figures


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::"),
        ("testclient", "no address"),
        ("garbage1", "no address"),
        ("198.51.100.007", "no address"),
    ],
)
def test_an_address_is_what_a_visitor_cannot_change(host: str, network: str) -> None:
    assert client_network({"client": (host, 1)}) == network


def post(client: TestClient) -> int:
    return client.post("/v1/forms/contact/leads", json={"email": "ada@acme.example"}).status_code
