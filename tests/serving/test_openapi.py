"""Each operation answers as /openapi.json says, for inputs of all kinds, with and without an API key."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis import APIOperation, Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from serving.api_keys import create
from serving.app import create_app
from serving.champion import Champion
from serving.http_protocol import BoundedHttpProtocol
from tests.serving.running import FolderRegistry, settings_in

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PUBLIC = {
    "/livez",
    "/readyz",
    "/report/login",
    "/report/logout",
    "/report/shared/{token}",
    "/v1/collector.js",
    "/v1/crm/{name}/events",
    "/v1/forms/{form}/leads",
    "/v1/forms/{form}/token",
}
EXAMPLES = 2
LONG_EXAMPLES = 300


@contextmanager
def listening(folder: Path, registry: FolderRegistry) -> Iterator[tuple[str, str]]:
    """Run a service over HTTP; yield its address and an API key for everything."""
    settings = settings_in(folder, api_keys=True)
    settings = settings.model_copy(update={"forms": settings.forms.model_copy(update={"per_minute": 0})})
    app = create_app(settings, champion=Champion(registry, folder / "bundles", 60.0))
    config = uvicorn.Config(app, port=0, http=BoundedHttpProtocol, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        with app.state.store.engine.begin() as connection:
            key = create(connection, "test", ["admin"])[1]
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", key
    finally:
        server.should_exit = True
        thread.join()


def answered(operation: APIOperation, headers: dict[str, str], statuses: Counter[tuple[int, bool]]) -> None:
    """Send generated requests of one operation, and check the answers."""

    @given(case=operation.as_strategy())
    @settings(max_examples=EXAMPLES if headers else 1, database=None, suppress_health_check=list(HealthCheck))
    def check(case: Case) -> None:
        response = case.call(headers=headers)
        statuses[response.status_code, case.operation.path in PUBLIC] += 1
        case.validate_response(response, checks=CHECKS)
        if not headers and case.operation.path not in PUBLIC:
            assert response.status_code == 401

    check()


def test_each_operation_answers_as_documented(tmp_path: Path, registry: FolderRegistry) -> None:
    statuses: Counter[tuple[int, bool]] = Counter()
    with listening(tmp_path, registry) as (address, key):
        schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
        operations = [result.ok() for result in schema.get_all_operations()]
        for operation in operations:
            for headers in ({"Authorization": f"Bearer {key}"}, {}):
                answered(operation, headers, statuses)
    assert len(operations) == 29
    assert statuses[200, False] + statuses[200, True] >= 5
    assert statuses[401, False] == sum(operation.path not in PUBLIC for operation in operations)


def test_only_operations_with_a_key_name_it(locked: TestClient) -> None:
    paths = locked.get("/openapi.json").json()["paths"]
    open_ones = {path for path, operations in paths.items() for one in operations.values() if not one.get("security")}
    assert open_ones == PUBLIC


def test_content_types_and_bodies_are_documented(locked: TestClient) -> None:
    paths = locked.get("/openapi.json").json()["paths"]
    assert set(paths["/v1/collector.js"]["get"]["responses"]["200"]["content"]) == {"text/javascript"}
    assert set(paths["/v1/exports/{platform}.csv"]["get"]["responses"]["200"]["content"]) == {"text/csv"}
    assert set(paths["/metrics"]["get"]["responses"]["200"]["content"]) == {"text/plain"}
    form = paths["/v1/forms/{form}/leads"]["post"]
    assert {"202", "303"} <= set(form["responses"])
    assert len(form["requestBody"]["content"]) == 3
    for path in ("/v1/leads/{lead_id}/feedback", "/v1/leads/{lead_id}/consent"):
        assert "201" in paths[path]["post"]["responses"]
        assert "application/json" in paths[path]["post"]["requestBody"]["content"]


@pytest.mark.slow
@pytest.mark.parametrize("keyed", [True, False])
def test_no_case_of_a_long_run_fails(tmp_path: Path, registry: FolderRegistry, keyed: bool) -> None:
    """All phases of schemathesis: examples, boundary values, random inputs, sequences of calls."""
    names = ",".join(check.__name__ for check in CHECKS)
    with listening(tmp_path, registry) as (address, key):
        command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"{address}/openapi.json"]
        options = ["--checks", names, "--max-examples", str(LONG_EXAMPLES), "--report", "ndjson", "--seed", "7"]
        given_key = ["--header", f"Authorization: Bearer {key}"] if keyed else []
        done = subprocess.run(
            [*command, *options, *given_key], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=3_000
        )
    found = re.search(r"([\d,]+) generated", done.stdout)
    print(done.stdout[-3_000:])  # noqa: T201 - the counts
    assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-2_000:]
    assert found
    assert int(found[1].replace(",", "")) > 1_000
