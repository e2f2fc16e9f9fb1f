"""`leadworth report build` as people run it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
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


def run(folder: Path, *options: str, command: str = "build", code: int = 0) -> str:
    result = CliRunner().invoke(app, [command, "-c", str(folder / "leadworth.toml"), *options])
    assert result.exit_code == code, result.output
    return result.output if code == 0 else str(result.exception)


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


def test_another_currency_needs_a_rate_and_converts_all_money_once(folder: Path) -> None:
    table = pd.read_csv(folder / "leads.csv", dtype=str).assign(revenue="")
    for lead, at in (("L3", "2026-05-24T10:00:00Z"), ("L8", "2026-05-25T10:00:00Z")):
        table.loc[table["id"] == lead, ["won", "revenue"]] = [at, "100"]
    table.to_csv(folder / "leads.csv", index=False)
    toml = TOML.replace("[outcomes]", '[outcomes]\nrevenue = "revenue"')
    (folder / "leadworth.toml").write_text(toml)
    run(folder)
    table[table["id"] != "L3"].to_csv(folder / "leads.csv", index=False)  # what is known of L3 is in the store only
    changed = toml.replace("EUR", "CHF")
    (folder / "leadworth.toml").write_text(changed)
    assert "run `leadworth report build`" in run(folder, str(folder / "page.html"), command="page", code=1)
    assert "[currencies] with EUR = 1.0" in run(folder, code=1)
    (folder / "leadworth.toml").write_text(f"{changed}[currencies]\nEUR = 0.5\n")
    for _ in range(2):
        run(folder)
        assert revenue(folder) == {"L3": 50_000_000, "L8": 100_000_000}
    run(folder, str(folder / "page.html"), command="page")


def revenue(folder: Path) -> dict[str, int]:
    engine = open_engine(f"sqlite:///{folder / 'leadworth.db'}")
    with engine.connect() as connection:
        facts = lead_facts.of_leads(connection, ["L3", "L8"])
    engine.dispose()
    return {lead: fact["revenue_micros"] for lead, fact in facts.items()}


def test_the_page_of_a_business_with_files_says_how_old_they_are(folder: Path) -> None:
    at = datetime.now(UTC) - timedelta(days=9, hours=1)
    os.utime(folder / "leads.csv", (at.timestamp(), at.timestamp()))
    run(folder)
    run(folder, str(folder / "page.html"), command="page")
    text = " ".join((folder / "page.html").read_text().split())
    sources = text[text.index('class="sources"') :].partition("</p>")[0]
    assert "leads.csv" in sources
    assert "stale: 9 days old" in sources
    assert "Leads" not in sources


def test_a_period_or_filters_without_leads_ask_for_no_forms(folder: Path) -> None:
    notices = []
    for query in ("", "period=2026-05&channel=Email"):
        run(folder)
        run(folder, str(folder / "page.html"), "--query", query, command="page")
        notices.append((folder / "page.html").read_text())
    assert "No leads in this period; the newest is of May 20, 2026." in notices[0]
    assert "No lead of this period has these filters" in notices[1]
    assert not any("send forms" in text for text in notices)
