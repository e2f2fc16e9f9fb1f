"""`leadworth report check`: exit codes and what each line is about."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from reporting.page.page_model import Alarm, Level, Message
from serving.report.report_command import app
from store.engine import open_engine
from store.migrate import upgrade
from tests.reporting.make_facts import insert_facts, random_facts

SETTINGS = 'currency = "EUR"\ntimezone = "Europe/Rome"\n[leads]\npath = "leads.csv"\n[report]\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    engine = open_engine(f"sqlite:///{tmp_path / 'leadworth.db'}")
    upgrade(engine)
    with engine.begin() as connection:
        made = random_facts(5, leads=300, days=90)
        insert_facts(connection, made)
    engine.dispose()
    (tmp_path / "leadworth.toml").write_text(SETTINGS)
    return tmp_path


def check(project: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", "--config", str(project / "leadworth.toml")])
    return result.exit_code, result.output


def test_lines_of_a_page(project: Path) -> None:
    code, output = check(project)
    assert code in (0, 2)
    assert (code == 2) == ("ALARM" in output)
    for subject in ("order", "goals", "figures", "source", "match rate"):
        assert subject in output


@pytest.mark.parametrize(
    ("ladder", "fault"),
    [
        ('["impressions", "sessions"]', "leading metrics only"),
        ('["leads", "margin_of"]', "margin_of"),
        ('["impressions", "impressions", "revenue"]', "twice"),
        (
            '["leads", "target_revenue", "impressions", "clicks", "sessions", "bounce_rate", "mql", "sql", "cac"]',
            "at most 24",
        ),
    ],
)
def test_an_order_that_hides_revenue_is_refused(project: Path, ladder: str, fault: str) -> None:
    (project / "leadworth.toml").write_text(f"{SETTINGS}ladder = {ladder}\n")
    code, output = check(project)
    assert code == 1
    assert fault in output


@pytest.mark.parametrize(
    ("goal", "fault"),
    [
        ('metric = "genuine_leads"\nto = 3000\nperiod = "2026-Q4"', "owner"),
        ('metric = "genuine_leads"\nto = 3000\nowner = "Ana"', "period"),
        ('metric = "likes"\nto = 3000\nowner = "Ana"\nperiod = "2026-Q4"', "no such metric"),
        ('metric = "email_open"\nto = 0.3\nowner = "Ana"\nperiod = "2026-Q4"', "does not show"),
        ('metric = "genuine_leads"\nto = 3000\nowner = "Ana"\nperiod = "last-90-days"', "with an end"),
    ],
)
def test_a_goal_needs_owner_period_and_a_metric_of_the_page(project: Path, goal: str, fault: str) -> None:
    (project / "goals.toml").write_text(f"[[goal]]\n{goal}\n")
    code, output = check(project)
    assert code == 1
    assert fault in output


def test_an_alarm_ends_with_2(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alarm = Alarm(
        "junk", Level.ALARM, Message("Junk has risen: {channel}", {"channel": "Display"}), Message("x"), None, None
    )
    monkeypatch.setattr("serving.report.page_command.page_junk_alarms", lambda *arguments: [alarm])
    code, output = check(project)
    assert code == 2
    assert "Junk has risen: Display" in output
