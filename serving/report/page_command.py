"""`leadworth report page`: write the page as one HTML file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console
from leadworth.readers.moment_reader import read_as_of
from leadworth.settings import FILE_NAME, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.settings import Settings
    from reporting.page.page_model import Alarm, ReportPage
    from reporting.views.report_filters import ReportFilters

AsOf = Annotated[
    str | None, typer.Option(help="Present time (ISO 8601) instead of the clock, such as 2026-03-01T18:00")
]


def page(
    file: Annotated[Path, typer.Argument(help="HTML file to write")] = Path("report.html"),
    query: Annotated[str, typer.Option(help="Filters, as in the address of the page")] = "",
    money: Annotated[bool, typer.Option(help="Whether the page shows money")] = True,
    as_of: AsOf = None,
    url: Annotated[str, typer.Option(help="Address of the served page, for the links")] = "",
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file")] = Path(FILE_NAME),
) -> None:
    """Write the report as one HTML file that needs no service, script or network.

    It shows what the last `leadworth report build` wrote.
    """
    from reporting.page.html_page import render_html
    from store.engine import open_store

    settings = load_settings(config)
    now = read_as_of(as_of, settings.zone) or datetime.now(UTC)
    with open_store(settings) as engine, engine.connect() as connection:
        content = report_page(connection, settings, query, money=money, now=now)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(render_html(content, standalone=True, base_url=url), encoding="utf-8")
    console.print(f"{file}: {content.first_day} to {content.last_day}", markup=False, soft_wrap=True)


def report_page(connection: Connection, settings: Settings, query: str, *, money: bool, now: datetime) -> ReportPage:
    """Return the page for a command: with all alarms, and without links to leads.

    Parameters
    ----------
    connection
        Connection to the store.
    settings
        Settings of the business.
    query
        Filters, as in the address of the page.
    money
        Whether amounts are in it.
    now
        Timezone-aware present time.
    """
    from leadworth.channel_groups import CHANNELS
    from reporting.views.report_filters import parse_filters
    from reporting.views.report_page import build_page

    filters = parse_filters(query.removeprefix("?"), CHANNELS)
    alarms = page_junk_alarms(connection, settings, filters, now, money=money)
    return build_page(connection, settings, filters, money=money, now=now, junk_alarms=alarms)


def page_junk_alarms(
    connection: Connection, settings: Settings, filters: ReportFilters, now: datetime, *, money: bool = True
) -> list[Alarm]:
    """Return the alarms of junk from all decisions and facts of a year, without links."""
    from monitoring.junk_alarms import JunkMonitor
    from serving.report.fact_alarms import PERIOD, fact_alarms, joined
    from serving.report.junk_alarm_views import junk_alarm_views

    monitor = JunkMonitor(PERIOD)
    monitor.look(connection, now, None)
    touch_cost = settings.mql.touch_cost
    alarms = joined(monitor.alarms(touch_cost), fact_alarms(connection, touch_cost, now))
    return junk_alarm_views(alarms, filters, settings.currency, money=money, links=False)
