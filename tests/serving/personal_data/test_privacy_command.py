"""`leadworth privacy`: report and retention."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store import decision_log
from store.data_inventory import CACHES, FILES, TABLES
from tests.serving.personal_data.installation import Installation, installed
from tests.store.rows import decision_row

NAMES = [data.name for data in (*TABLES, *FILES, *CACHES)]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setenv("LEADWORTH_RETENTION__DECISIONS_DAYS", "200")
    with installed(tmp_path, f"sqlite:///{tmp_path}/s.db", monkeypatch, platforms=False) as opened:
        with opened.engine.begin() as connection:
            old = (datetime.now(UTC) - timedelta(days=201)).isoformat()
            decision_log.insert(connection, [decision_row("old", scored_at=old), decision_row("new")])
        return opened


def test_report_in_every_format(installation: Installation) -> None:
    (installation.folder / "scored.csv").write_text("x\n")
    rows = json.loads(installation.run("privacy", "report", "--format", "json").stdout)
    assert [row["name"] for row in rows] == NAMES
    decisions = rows[0]
    assert decisions["now"] == "2 rows"
    assert decisions["kept"].startswith("200 days")
    assert "[retention] decisions_days" in decisions["kept"]
    [own] = [row for row in rows if row["name"].startswith("*.csv")]
    assert own["now"] == "1 files, 2 bytes"
    text = installation.run("privacy", "report", "--format", "csv").stdout
    assert list(csv.DictReader(io.StringIO(text))) == rows
    lines = installation.run("privacy", "report", "--format", "markdown").stdout.splitlines()
    assert len(lines) == len(rows) + 2
    assert all(line.count(" | ") == lines[0].count(" | ") for line in lines)
    shown = installation.run("privacy", "report").stdout
    assert all(name.split()[0] in shown for name in NAMES)


def test_retention_counts_first(installation: Installation) -> None:
    preview = installation.run("privacy", "retention", "--dry-run").output
    assert "Nothing was changed" in preview
    assert len(installation.rows()["decisions"]) == 2
    assert "1 rows deleted" in installation.run("privacy", "retention").output
    assert [row["lead_id"] for row in installation.rows()["decisions"]] == ["new"]
    assert "0 rows deleted" in installation.run("privacy", "retention").output
