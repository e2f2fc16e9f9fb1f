"""`leadworth report build` as people run it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from serving.report.report_command import app
from store import lead_facts
from store.engine import open_engine
from tests.make_bundle import make_bundle

TOML = """
currency = "EUR"
secret = "a secret of sixteen"
[leads]
path = "leads.csv"
id = "id"
submitted_at = "at"
columns = { email = "email", source = "source" }
[outcomes]
won_at = "won"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leadworth.toml").write_text(TOML)
    rows = [
        {
            "id": f"L{day}",
            "at": f"2026-05-{day:02d}T10:00:00Z",
            "email": f"a{day}@b.example",
            "source": "bing",
            "won": "",
        }
        for day in range(1, 21)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "leads.csv", index=False)
    make_bundle().save(tmp_path / "bundle")
    return tmp_path


def run(folder: Path, *options: str) -> str:
    result = CliRunner().invoke(app, ["build", "-c", str(folder / "leadworth.toml"), *options])
    assert result.exit_code == 0, result.output
    return result.output


def stored(folder: Path) -> int:
    engine = open_engine(f"sqlite:///{folder / 'leadworth.db'}")
    with engine.connect() as connection:
        count = lead_facts.count(connection)
    engine.dispose()
    return count


def test_facts_are_built_and_counted_in_one_line(folder: Path) -> None:
    bundle = ("--bundle", str(folder / "bundle"))
    assert "Dry run, nothing was written: 20 leads read, 20 facts changed" in run(folder, *bundle, "--dry-run")
    assert stored(folder) == 0
    assert "20 facts changed, 20 touches added, 20 days and" in run(folder, *bundle)
    assert stored(folder) == 20
    assert " 0 facts changed, 0 touches added" in run(folder, *bundle, "--full")


def test_without_a_model_and_without_the_file(folder: Path) -> None:
    (folder / "leads.csv").unlink()
    printed = run(folder)
    assert "by the rules only" in printed
    assert "leads.csv is not here" in printed
    assert "0 leads read, 0 facts changed" in printed
