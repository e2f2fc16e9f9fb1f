"""Limit on the size of bodies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.serving.running import FolderRegistry, client_of, settings_in
from tests.serving.test_problems import JSON, problem_of


@pytest.fixture
def small(tmp_path: Path, registry: FolderRegistry) -> Iterator[TestClient]:
    with client_of(settings_in(tmp_path, body_limit_bytes=1000), registry) as client:
        yield client


def test_the_declared_length_is_limited(small: TestClient) -> None:
    assert small.post("/v1/scores", json={"message": "x" * 900}).status_code == 200
    problem_of(small, "POST", "/v1/scores", 413, json={"message": "x" * 1000})


def test_the_actual_length_is_limited(small: TestClient) -> None:
    sent = []

    def pieces() -> Iterator[bytes]:
        for _ in range(5):
            sent.append(300)
            yield b"x" * 300

    problem_of(small, "POST", "/v1/scores", 413, content=pieces(), headers=JSON)


def test_long_bodies_are_problems_at_every_address(small: TestClient) -> None:
    problem_of(small, "POST", "/nowhere", 413, json={"message": "x" * 1000})
    problem_of(small, "POST", "/v1/forms/contact/leads", 413, data={"message": "x" * 1000})
