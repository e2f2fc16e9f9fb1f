"""Goals of the report, from goals.toml: each has a metric of the registry, a target, a period and an owner."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from leadworth.errors import ConfigurationError
from reporting.metrics.registry import METRICS
from reporting.views.report_period import ALLOWED, canonical_period

if TYPE_CHECKING:
    from leadworth.settings import Settings


OF_CARDS = ("return_on_marketing", "revenue", "genuine_cpl", "value_per_lead")
"""Metrics that the block of money shows always."""


class Goal(BaseModel):
    """A goal.

    Examples
    --------
    >>> goal = Goal.model_validate({"metric": "genuine_leads", "to": 3000, "period": "2026-Q4", "owner": "Ana"})
    >>> goal.metric, goal.to, goal.start
    ('genuine_leads', 3000.0, None)
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: str = Field(description="Name of a metric")
    start: float | None = Field(None, alias="from", description="Value before the period")
    to: float = Field(description="Target, in the unit of the metric; a share is 0 to 1")
    period: str = Field(description="Period such as 2026-Q4")
    owner: str = Field(min_length=1, max_length=80, description="Who answers for it")

    @field_validator("metric")
    @classmethod
    def _registered(cls, name: str) -> str:
        if name not in METRICS:
            raise ValueError(f"there is no such metric; allowed: {', '.join(sorted(METRICS))}")
        return name

    @field_validator("period")
    @classmethod
    def _readable(cls, period: str) -> str:
        if period.startswith("last-"):
            raise ValueError("a goal needs a period with an end, such as 2026-Q4")
        try:
            return canonical_period(period)
        except ValueError as error:
            raise ValueError(f"the period cannot be read; allowed: {ALLOWED}") from error


class GoalsFile(BaseModel):
    """Content of goals.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    goal: tuple[Goal, ...] = ()


def read_goals(settings: Settings) -> tuple[Goal, ...]:
    """Return the goals of the file that the settings name; none where there is no file.

    Raises
    ------
    ConfigurationError
        If a goal has no owner, no period, or a metric that does not exist.
    """
    file = settings.resolve(settings.report.goals)
    return goals_of(file) if file.is_file() else ()


def goals_of(file: Path) -> tuple[Goal, ...]:
    """Return the goals of a file.

    Raises
    ------
    ConfigurationError
        As `read_goals`.
    """
    try:
        return GoalsFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig"))).goal
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}", do="correct the file") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, issue['loc']))}: {issue['msg']}" for issue in error.errors())
        raise ConfigurationError(
            f"{file}: {faults}", allowed="metric, from, to, period and owner of each [[goal]]", do="correct the goal"
        ) from error


def check_goals(goals: Sequence[Goal], ladder: Collection[str]) -> None:
    """Refuse goals of metrics that the page does not show.

    Raises
    ------
    ConfigurationError
        If a metric is in no block of the page.
    """
    missing = sorted({goal.metric for goal in goals} - {*ladder, *OF_CARDS})
    if missing:
        raise ConfigurationError(
            f"goals name {', '.join(missing)}, which the page does not show",
            allowed=", ".join(sorted({*ladder, *OF_CARDS})),
            do="add the metric to [report] ladder, or remove the goal",
        )
