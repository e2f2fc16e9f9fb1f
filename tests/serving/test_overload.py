"""Requests beyond the limit are refused; orchestrators are answered."""

from __future__ import annotations

import json
import pickle

import pytest
from prometheus_client.registry import REGISTRY

from serving.overload import OverloadRefusal

REFUSAL = OverloadRefusal(2)


@pytest.mark.parametrize(
    ("running", "url", "due"),
    [
        (1, b"/v1/scores", False),
        (2, b"/v1/scores", True),
        (3, b"/v1/scores", True),
        (9, b"/livez", False),
        (9, b"/readyz?verbose", False),
        (9, b"/healthz", False),
        (9, b"/metrics", False),
        (9, b"/livez/more", True),
        (9, b"/v1/scores?/livez", True),
    ],
)
def test_refused_are_requests_beyond_the_limit_that_are_not_of_monitoring(running: int, url: bytes, due: bool) -> None:
    assert REFUSAL.is_due(running, url) == due


def test_the_response_is_a_problem_that_names_the_wait_and_is_counted() -> None:
    labels = {"route": "none", "method": "any", "status": "503"}
    before = REGISTRY.get_sample_value("leadworth_request_seconds_count", labels) or 0
    head, body = REFUSAL.response([(b"x-request-id", b"order-7")], [(b"date", b"today")])
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 503 Service Unavailable"
    assert {
        b"retry-after: 1",
        b"content-type: application/problem+json",
        b"date: today",
        b"x-request-id: order-7",
        b"content-length: %d" % len(body),
    } == set(lines[1:-2])
    assert lines[-2:] == [b"", b""]
    problem = json.loads(body)
    assert problem["type"] == "urn:leadworth:problem:overloaded"
    assert problem["request_id"] == "order-7"
    assert "2 requests" in problem["detail"]
    assert REGISTRY.get_sample_value("leadworth_request_seconds_count", labels) == before + 1


def test_worker_processes_receive_it() -> None:
    assert pickle.loads(pickle.dumps(REFUSAL)) == REFUSAL
