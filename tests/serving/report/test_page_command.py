"""`leadworth report page`: the page as one file, as of any day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadworth.errors import LeadworthError
from serving.report.report_command import app
from store import lead_facts
from store.engine import open_engine
from store.funnel_rollups import rewrite_funnel
from store.lead_rollups import rewrite_days
from store.migrate import upgrade
from tests.serving.report.test_fact_alarms import flood
from tests.store.fact_rows import NOW


@pytest.fixture
def project(tmp_path: Path) -> Path:
    engine = open_engine(f"sqlite:///{tmp_path / 'leadworth.db'}")
    upgrade(engine)
    rows = flood(1)
    with engine.begin() as connection:
        lead_facts.write(connection, rows)
        rewrite_days(connection, {row["day"] for row in rows})
        rewrite_funnel(connection, {row["day"] for row in rows})
    engine.dispose()
    (tmp_path / "leadworth.toml").write_text('currency = "EUR"\n[leads]\npath = "leads.csv"\n')
    return tmp_path


def written(project: Path, *arguments: str) -> str:
    file = project / "pages" / "report.html"
    result = CliRunner().invoke(
        app, ["page", str(file), "--config", str(project / "leadworth.toml"), *arguments], catch_exceptions=False
    )
    assert result.exit_code == 0
    return file.read_text(encoding="utf-8")


def test_the_file_needs_nothing_else_and_has_the_alarms_of_files(project: Path) -> None:
    html = written(project, "--as-of", NOW.isoformat())
    assert "Junk has risen: Display, smart" in html
    assert "at risk" in html
    assert "<script" not in html
    assert "href=" not in html.replace('href="#main"', "").replace('href="data:,"', "")


def test_an_earlier_day_does_not_know_the_alarm(project: Path) -> None:
    html = written(project, "--as-of", (NOW - timedelta(days=30)).isoformat(), "--query", "period=last-30-days")
    assert "Junk has risen" not in html
    assert "Oct 21, 2026" in html


def test_without_money_no_amount_is_in_the_file(project: Path) -> None:
    html = written(project, "--as-of", NOW.isoformat(), "--no-money")
    assert "Junk has risen: Display, smart" in html
    assert "€" not in html


def test_a_day_that_is_none_is_refused(project: Path) -> None:
    with pytest.raises(LeadworthError, match="--as-of"):
        written(project, "--as-of", "yesterday")
