"""HEAD has the status and headers of GET, and no body."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    ("path", "status"), [("/livez", 200), ("/readyz", 200), ("/openapi.json", 200), ("/v1/scores/unknown", 404)]
)
def test_head_is_answered_as_get(client: TestClient, path: str, status: int) -> None:
    asked, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (status, b"")
    assert head.headers["content-type"] == asked.headers["content-type"]
    assert head.headers["content-length"] == asked.headers["content-length"] == str(len(asked.content))


def test_head_of_a_call_that_changes_something_is_refused(client: TestClient) -> None:
    answer = client.head("/v1/scores")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
