"""The shortcut of the scoring call gives the responses of the routed call."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import fast_path
from serving.fast_path import FastPath
from tests.serving.running import key_of

JSON = {"content-type": "application/json"}
VARYING = {"scored_at", "request_id", "lead_id"}


def responses(client: TestClient, **request: Any) -> list[tuple[int, dict[str, Any], dict[str, str]]]:
    """Return the responses of the shortcut and of the route, without what differs between any two requests."""
    result = []
    for path in ("/v1/scores", "off"):
        FastPath.path = path
        try:
            response = client.post("/v1/scores", **request)
        finally:
            FastPath.path = "/v1/scores"
        body = {name: value for name, value in response.json().items() if name not in VARYING}
        headers = {
            name: value for name, value in response.headers.items() if name not in {"x-request-id", "content-length"}
        }
        result.append((response.status_code, body, headers))
    return result


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (200, {"json": {"company": "Acme", "employees": "about fifty", "submitted_at": "2026-05-01T10:00:00Z"}}),
        (200, {"json": {"age_days": "30"}}),
        (200, {"content": b'{"first_name": "Ada \\ud83d Caf\xe9"}'}),
        (415, {"content": "a=1", "headers": {"content-type": "text/plain"}}),
        (422, {"content": "[", "headers": JSON}),
        (422, {"json": [1]}),
        (422, {"json": {"age_days": -1}}),
        (422, {"json": {"lead_id": "x" * 600, "age_days": "old"}}),
        (422, {"json": {}, "headers": {"idempotency-key": "a b"}}),
    ],
)
def test_same_response(client: TestClient, status: int, request_: dict[str, Any]) -> None:
    short, routed = responses(client, **request_)
    assert short == routed
    assert short[0] == status


def test_same_keys(locked: TestClient) -> None:
    for headers, status in (
        ({}, 401),
        ({"x-api-key": key_of(locked, "read")}, 403),
        ({"x-api-key": key_of(locked, "score")}, 200),
    ):
        short, routed = responses(locked, json={"submitted_at": "2026-05-01T10:00:00Z"}, headers=headers)
        assert short == routed
        assert short[0] == status


def test_the_shortcut_is_in_use(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    create_score = fast_path._create_score

    async def count(request: Any) -> Any:
        calls.append(request)
        return await create_score(request)

    monkeypatch.setattr(fast_path, "_create_score", count)
    client.post("/v1/scores", json={})
    assert len(calls) == 1
