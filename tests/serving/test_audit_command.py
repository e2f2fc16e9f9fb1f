"""`leadworth audit`, as it is typed, and what the service and the commands record."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from leadworth.errors import InputError
from serving import audit_command, keys_command
from store.audit_log import entries
from tests.serving.running import key_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leadworth.toml").write_text('currency = "EUR"\n[leads]\n')
    return tmp_path


def run(folder: Path, app: object, *arguments: str) -> Result:
    options = [*arguments, "-c", str(folder / "leadworth.toml")]
    return CliRunner().invoke(app, options, catch_exceptions=False, env={"COLUMNS": "200"})  # type: ignore[arg-type]


def test_commands_on_keys_are_listed_in_each_format(folder: Path) -> None:
    run(folder, keys_command.app, "create", "=shop", "-q")
    run(folder, keys_command.app, "rotate", "=shop", "-q")
    shown = run(folder, audit_command.app, "list").output
    assert "key.create" in shown
    assert "key.rotate" in shown
    lines = run(folder, audit_command.app, "list", "--format", "json", "--action", "key.create").output.splitlines()
    [entry] = map(json.loads, lines)
    assert entry["who"].startswith("user:")
    assert entry["details"]["scopes"] == "score"
    rows = list(csv.reader(io.StringIO(run(folder, audit_command.app, "list", "--format", "csv").output)))
    assert rows[0] == list(audit_command.COLUMNS)
    assert [row[5] for row in rows[1:]] == ["key.create", "key.rotate"]
    assert run(folder, audit_command.app, "list", "--since", "1h", "--format", "json").output.count("\n") == 2
    assert run(folder, audit_command.app, "list", "--since", "2999-01-01", "--format", "json").output == ""
    with pytest.raises(InputError, match="cannot be read"):
        run(folder, audit_command.app, "list", "--since", "yesterday")


def test_a_changed_row_is_noticed(folder: Path) -> None:
    run(folder, keys_command.app, "create", "shop", "-q")
    whole = run(folder, audit_command.app, "verify")
    assert (whole.exit_code, "1 entries" in whole.output) == (0, True)
    with sqlite3.connect(folder / "leadworth.db") as connection:
        connection.execute("UPDATE audit_entries SET who = 'user:nobody'")
    changed = run(folder, audit_command.app, "verify")
    assert changed.exit_code == 1
    assert "entry 1 was changed" in changed.output


def test_reads_and_changes_over_http_are_recorded(locked: TestClient) -> None:
    admin = {"x-api-key": key_of(locked, "admin")}
    assert locked.post("/v1/scores", json={"lead_id": "A"}, headers=admin).status_code == 200
    calls = [
        ("GET", "/v1/scores/A", None, "lead.score"),
        ("GET", "/v1/leads", None, "lead.list"),
        ("GET", "/v1/leads/A/history", None, "lead.history"),
        ("POST", "/v1/leads/A/feedback", {"label": "junk"}, "lead.feedback"),
        ("POST", "/v1/leads/A/consent", {"ad_user_data": True, "source": "x"}, "lead.consent"),
        ("GET", "/v1/exports?lead=A", None, "lead.exports"),
    ]
    for method, path, body, _ in calls:
        assert locked.request(method, path, json=body, headers=admin).status_code < 300
    assert locked.get("/v1/leads/A/history").status_code == 401
    state = locked.app.state  # type: ignore[attr-defined]
    with state.store.engine.connect() as connection:
        start, *rows = entries(connection)
        assert state.audit.verify(connection).faults == []
    assert (start["action"], start["who"]) == ("service.start", "system")
    assert [row["action"] for row in rows] == [action for *_, action in calls]
    assert {row["key_name"] for row in rows} == {"test"}
    pseudonym = state.audit.pseudonym("A")
    assert {row["object_id"] for row in rows if row["action"] != "lead.list"} == {pseudonym}
