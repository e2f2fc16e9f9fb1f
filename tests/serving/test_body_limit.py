"""Limit on the size of bodies; compressed ones are refused."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from store.decision_log import replayable
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


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x-gzip", "GZIP"])
@pytest.mark.parametrize(
    "path", ["/v1/forms/contact/leads", "/v1/scores", "/v1/scores/batch", "/v1/leads/A/feedback", "/report/login"]
)
def test_a_compressed_body_is_not_taken_for_an_empty_one(client: TestClient, path: str, coding: str) -> None:
    headers = {"Content-Encoding": coding, "Content-Type": "application/x-www-form-urlencoded"}
    answer = problem_of(client, "POST", path, 415, content=gzip.compress(b"email=ada@acme.io"), headers=headers)
    assert answer["type"] == "urn:leadworth:problem:compressed-body"
    with client.app.state.store.engine.connect() as connection:
        assert not list(replayable(connection, decision=None, lead=None, last=None))


def test_a_body_that_is_declared_as_not_compressed_is_read(client: TestClient) -> None:
    headers = {"Content-Encoding": "identity"}
    assert client.post("/v1/forms/contact/leads", data={"email": "ada@acme.io"}, headers=headers).status_code == 202
