"""Goals of a file: read, refused with the reason, and only of metrics that the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadworth.errors import ConfigurationError
from reporting.views.goals_file import check_goals, goals_of, read_goals
from tests.reporting.views.test_report_page import settings_of

GOOD = '[[goal]]\nmetric = "revenue"\nfrom = 10\nto = 20\nperiod = "2026-10-01..2026-12-31"\nowner = "Ana"\n'


def written(folder: Path, text: str) -> Path:
    file = folder / "goals.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_goal_is_read_with_the_short_name_of_its_period(tmp_path: Path) -> None:
    [goal] = goals_of(written(tmp_path, GOOD))
    assert (goal.metric, goal.start, goal.to, goal.period, goal.owner) == ("revenue", 10.0, 20.0, "2026-Q4", "Ana")
    assert goals_of(written(tmp_path, "")) == ()
    assert read_goals(settings_of(tmp_path / "none")) == ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"revenue"', '"fame"', "no such metric"),
        ("2026-10-01..2026-12-31", "last-30-days", "period with an end"),
        ("2026-10-01..2026-12-31", "soon", "cannot be read; allowed"),
        ('"Ana"', '""', "owner"),
        ("to = 20", "to = 20\nby = 1", "by"),
        ("to = 20", "to = ", "cannot be read"),
    ],
)
def test_faults_are_named(tmp_path: Path, old: str, new: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        goals_of(written(tmp_path, GOOD.replace(old, new)))


def test_goals_of_metrics_that_are_not_shown_are_refused(tmp_path: Path) -> None:
    text = GOOD.replace("revenue", "genuine_leads")
    goals = goals_of(written(tmp_path, GOOD + text))
    check_goals(goals, ["genuine_leads"])
    check_goals([], [])
    with pytest.raises(ConfigurationError, match="genuine_leads, which the page does not show"):
        check_goals(goals, [])
