"""Request ids."""

from __future__ import annotations

from starlette.testclient import TestClient


def test_a_request_id_is_taken_or_made(client: TestClient) -> None:
    assert client.get("/livez", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    for odd in ("a b", "x" * 200, "<script>"):
        assert len(client.get("/livez", headers={"x-request-id": odd}).headers["x-request-id"]) == 32
