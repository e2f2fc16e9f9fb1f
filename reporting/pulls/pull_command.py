"""`leadworth spend pull`: fetch spend, traffic and counts from the interfaces of platforms."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.clock import utc_now
from leadworth.console import console, errors, progress, table
from leadworth.errors import ConfigurationError
from leadworth.settings import FILE_NAME, load_settings

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Engine

    from leadworth.settings import Settings
    from reporting.pulls.pull_run import AccountPull

MISSING = 1
"""Exit code where days are missing, rows were set aside, or sums differ."""
_MOST_SHOWN = 10
_DAYS = ["%Y-%m-%d"]


def pull(
    name: Annotated[str, typer.Argument(help="Source, such as google_ads, or all that have accounts in the settings.")],
    since: Annotated[
        datetime | None, typer.Option(formats=_DAYS, help="First day; left out: 30 days are fetched.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=_DAYS, help="Last day; left out: the newest settled.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Fetch and add up, store nothing.")] = False,
    replace_source: Annotated[bool, typer.Option(help="Replace days that come from a file.")] = False,
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file.")] = Path(FILE_NAME),
) -> None:
    """Fetch spend, traffic and counts from the interfaces of platforms.

    Each pull fetches the last 30 days again, because platforms restate, and replaces whole days, so a repeat changes
    nothing. An account that fails leaves its remaining days as they were; the others are pulled all the same, and the
    exit code is 1.
    """
    from reporting.pulls.pull_run import pull_source
    from reporting.pulls.pull_store import PullStore
    from reporting.pulls.source_factory import chosen_sources, open_source
    from store.engine import open_store

    settings = load_settings(config)
    sources = chosen_sources(settings, name)
    now = utc_now()
    results: list[AccountPull] = []
    notices: list[str] = []
    with nullcontext() if dry_run else open_store(settings, migrate=True) as engine:
        for source in sources:
            section = settings.report.sources.section(source)
            stored = None if engine is None else PullStore(engine, settings, now, replace_source)
            first, last = _day(since), _day(until)
            total = len(section.accounts) * section.lookback_days if first is None else None
            with progress(f"Fetching {section.title}, days", total) as advance:
                results += pull_source(
                    source,
                    section.accounts,
                    partial(open_source, settings, source),
                    stored.store if stored else lambda _: None,
                    now=now,
                    since=first,
                    until=last,
                    advance=advance,
                )
            notices += stored.notices if stored else []
        if engine is not None:
            _refresh(engine, settings, results, now)
    _show(results, notices, dry_run=dry_run)
    if not all(result.is_complete for result in results):
        raise typer.Exit(MISSING)


def sandbox(name: Annotated[str, typer.Argument(help="Source, or all.")] = "all") -> None:
    """Run local sources with simulated accounts, until stopped; nothing leaves the machine."""
    from reporting.pulls.source_sandbox import peer_names, peer_of, serve_sources

    if name not in ("all", *peer_names()):
        raise ConfigurationError(f"there is no source {name!r}", allowed=f"all, {', '.join(peer_names())}")
    yesterday = utc_now().date() - timedelta(days=1)
    with serve_sources([peer_of(each, yesterday) for each in peer_names() if name in ("all", each)]) as variables:
        console.print("Local sources running. In another terminal:\n", soft_wrap=True)
        for variable, value in variables.items():
            console.print(f"export {variable}={shlex.quote(value)}", markup=False, soft_wrap=True)
        console.print("\nStop with Ctrl+C")
        threading.Event().wait()


def _refresh(engine: Engine, settings: Settings, results: Sequence[AccountPull], now: datetime) -> None:
    """Match the leads of the pulled days with their campaigns again, and write the sums of the report."""
    from reporting.facts.refresh import refresh

    days = [result.first_day for result in results if result.first_day is not None and result.pulled_to is not None]
    if days:
        counts = refresh(engine, settings, now=now, since_day=min(days))
        console.print(f"Report refreshed: the facts of {counts.facts:,} leads changed", markup=False)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


def _show(results: Sequence[AccountPull], notices: Sequence[str], *, dry_run: bool) -> None:
    """Print what was pulled, and on standard error what was not."""
    columns = ("source", "account", "days", "kind", "rows", "set aside", "cost, sessions, clicks")
    rows = [
        (
            result.source,
            result.account_id,
            f"{result.first_day} to {result.pulled_to}",
            kind,
            f"{count:,}",
            f"{result.read[kind] - count:,}",
            "; ".join(f"{total:,} {currency}".strip() for (of, currency), total in result.sums.items() if of == kind),
        )
        for result in results
        for kind, count in result.rows.items()
    ]
    console.print(table(columns, rows, right=columns[4:]))
    clicks = sum(result.clicks for result in results)
    if clicks:
        console.print(f"Campaigns of {clicks:,} clicks")
    if dry_run:
        console.print("Dry run: nothing was stored")
    for quality in sorted({f"{result.source}: {mark}" for result in results for mark in result.quality}):
        console.print(f"Quality of {quality}", markup=False, soft_wrap=True)
    for notice in notices:
        errors.print(f"Notice: {notice}", markup=False, soft_wrap=True)
    for result in results:
        for line in _faults(result):
            errors.print(line, markup=False, soft_wrap=True)


def _faults(result: AccountPull) -> list[str]:
    """Return a line for each thing that is missing from an account."""
    who = f"{result.source} {result.account_id}"
    lines = [f"{who}: set aside: {reason}" for reason in result.aside[:_MOST_SHOWN]]
    if len(result.aside) > _MOST_SHOWN:
        lines.append(f"{who}: {len(result.aside) - _MOST_SHOWN:,} more rows were set aside")
    lines += [f"{who}: {difference}" for difference in result.differences]
    if result.error is not None:
        days = f" (not fetched: {missing})" if (missing := result.missing_days()) else ""
        lines.append(f"{who}: {result.error}{days}")
    return lines
