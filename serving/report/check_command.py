"""`leadworth report check`: the settings of the page, its goals, sources, match rate and alarms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console
from leadworth.errors import ConfigurationError, LeadworthError
from leadworth.settings import FILE_NAME, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.settings import Settings
    from reporting.page.page_model import ReportPage

ALARM_EXIT = 2
FAULT_EXIT = 1


@dataclass(frozen=True)
class CheckLine:
    """A line of the check: OK, WARN, FAIL or ALARM, and what it is about."""

    level: str
    subject: str
    text: str


def check(config: Annotated[Path, typer.Option("--config", "-c", help="Settings file.")] = Path(FILE_NAME)) -> None:
    """Check the page: order and number of figures, goals, age of sources, match rate, alarms.

    The exit code is 1 where the settings or goals cannot be used, and 2 where an alarm has not ended.
    """
    from store.engine import open_store

    settings = load_settings(config)
    lines = list(settings_lines(settings))
    if not any(line.level == "FAIL" for line in lines):
        with open_store(settings) as engine, engine.connect() as connection:
            lines += page_lines(connection, settings, datetime.now(UTC))
    for line in lines:
        console.print(f"{line.level:5}  {line.subject:12}  {line.text}", markup=False, soft_wrap=True)
    levels = {line.level for line in lines}
    if "FAIL" in levels:
        raise typer.Exit(FAULT_EXIT)
    if "ALARM" in levels:
        raise typer.Exit(ALARM_EXIT)


def settings_lines(settings: Settings) -> Iterator[CheckLine]:
    """Yield what can be checked without the store: order of the page, goals and the file of channels."""
    from leadworth.channel_groups import channel_groups
    from reporting.views.goals_file import check_goals, read_goals
    from reporting.views.ladder import check_ladder

    try:
        check_ladder(settings.report.ladder)
        yield CheckLine("OK", "order", f"{len(settings.report.ladder)} leading and lagging metrics")
    except ConfigurationError as error:
        yield CheckLine("FAIL", "order", str(error))
    try:
        goals = read_goals(settings)
        check_goals(goals, settings.report.ladder)
        yield CheckLine("OK", "goals", f"{len(goals)} goals, each with owner and period")
    except ConfigurationError as error:
        yield CheckLine("FAIL", "goals", str(error))
    try:
        channel_groups(settings)
    except LeadworthError as error:
        yield CheckLine("FAIL", "channels", str(error))


def page_lines(connection: Connection, settings: Settings, now: datetime) -> Iterator[CheckLine]:
    """Yield what the page of today says about itself."""
    from reporting.views.plain_english import english
    from reporting.views.report_filters import ReportFilters
    from reporting.views.report_page import build_page, default_figures
    from serving.report.page_command import page_junk_alarms

    alarms = page_junk_alarms(connection, settings, ReportFilters(), now)
    page = build_page(connection, settings, ReportFilters(), money=True, now=now, junk_alarms=alarms)
    figures = len(list(default_figures(page)))
    yield CheckLine("OK" if figures <= 24 else "FAIL", "figures", f"{figures} on the default page, at most 24")
    for source in page.sources:
        level = "WARN" if source.stale else "OK"
        yield CheckLine(level, "source", f"{source.source}: data of {source.at:%Y-%m-%d}, {source.age_days} days old")
    yield from _match_lines(page)
    for notice in page.notices:
        hint = f"; what to do: `{notice.command}`" if notice.command else ""
        yield CheckLine("WARN", "page", english(notice.message) + hint)
    for alarm in page.alarms:
        yield CheckLine("ALARM", alarm.kind, f"{english(alarm.headline)}: {english(alarm.detail)}")


def _match_lines(page: ReportPage) -> Iterator[CheckLine]:
    for name, rate in (("spend", page.channels.match_rate_spend), ("leads", page.channels.match_rate_leads)):
        if rate is not None:
            level = "OK" if rate >= 0.9 else "WARN"
            yield CheckLine(level, "match rate", f"{rate:.0%} of {name} matched with a campaign, at least 90%")
