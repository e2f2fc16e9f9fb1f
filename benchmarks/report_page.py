"""Milliseconds of the report with a million leads: queries and rendering of the default page and of filters.

    python -m benchmarks.run report_page
    python -m benchmarks.report_page [--leads 1000000] [--store URL] [--filled]

The store is filled with leads, spend and sessions of five years (12 channels, 300 campaigns, 30 countries). The first
page is that of a new process on a database that it has just opened, without the imports and what the service prepares
when it starts (templates, sentences of its language); then the median of pages.
No page is kept from one build to the next. CPU time is of this process: that of a PostgreSQL server comes on top.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, event

from benchmarks.report_refresh import NOW, YEARS_DAYS, fill, keep
from leadworth.settings import Settings
from reporting.facts.refresh import refresh
from reporting.page.html_page import prepare_page, render_html
from reporting.views.report_filters import ReportFilters
from reporting.views.report_page import build_page
from store import lead_facts
from store.engine import open_engine
from store.long_transaction import long_transaction
from store.report_schema import spend_days, traffic_days, traffic_weeks

RESULT = Path(__file__).parent / "results" / "report_page.json"
CAMPAIGNS, CHANNELS = 300, 12
ROUNDS = 15
DAYS_AT_ONCE = 100
FILTERS = {
    "default": ReportFilters(),
    "channel": ReportFilters(channel=("Channel 3",)),
    "campaign": ReportFilters(campaign=("google_ads:1:7",)),
    "country": ReportFilters(country=("AA",)),
    "year": ReportFilters(period="2025"),
    "five years": ReportFilters(period="2021-12-01..2026-11-20"),
    "calendar": ReportFilters(view="calendar"),
}


def settings_of() -> Settings:
    """Return the settings of the measured business."""
    return Settings(
        currency="EUR",
        timezone="Europe/Rome",
        secret="a secret of sixteen",
        leads={"path": "none.csv", "id": "id"},
        report={"monthly_revenue": 500, "monthly_churn": 0.02},
    )


def fill_days(engine: Engine) -> None:
    """Fill spend and sessions: a row a day and campaign."""
    rng = np.random.default_rng(11)
    for begin in range(0, YEARS_DAYS, DAYS_AT_ONCE):
        spend, traffic = [], []
        weeks: dict[tuple[str, str, str], dict[str, int]] = {}
        for ago in range(begin, min(begin + DAYS_AT_ONCE, YEARS_DAYS)):
            day = (NOW - timedelta(days=ago)).date()
            counts = rng.integers(1, 200, CAMPAIGNS)
            for campaign in range(CAMPAIGNS):
                names = {
                    "campaign_id": str(campaign),
                    "campaign_name": f"Campaign {campaign}",
                    "campaign_key": f"google_ads:1:{campaign}",
                    "channel": f"Channel {campaign % CHANNELS}",
                    "country": "",
                    "day": str(day),
                }
                count = int(counts[campaign])
                cost = count * 400_000
                spend.append(
                    names
                    | {"platform": "google_ads", "account_id": "1", "network": "SEARCH", "currency": "EUR"}
                    | {"cost_micros": cost, "converted_micros": cost, "impressions": 50 * count, "clicks": count}
                    | {"invalid_clicks": 0, "import_id": "i"}
                )
                sums = {"sessions": count, "engaged_sessions": count // 2, "views": 2 * count, "session_seconds": count}
                traffic.append(
                    names
                    | {"property_id": "p", "source": "google", "medium": "cpc", "quality": "", "import_id": "j"}
                    | sums
                )
                week = (str(day - timedelta(days=day.weekday())), names["channel"], names["campaign_key"])
                weeks[week] = {name: weeks.get(week, {}).get(name, 0) + amount for name, amount in sums.items()}
        keyed = ("week", "channel", "campaign_key")
        with engine.begin() as connection:
            connection.execute(spend_days.insert(), spend)
            connection.execute(traffic_days.insert(), traffic)
            known = {
                tuple(row)
                for row in connection.execute(
                    traffic_weeks.select().with_only_columns(*(traffic_weeks.c[name] for name in keyed))
                )
            }
            rows = [dict(zip(keyed, key, strict=True)) | {"country": ""} | sums for key, sums in weeks.items()]
            connection.execute(
                traffic_weeks.insert(), [row for row in rows if tuple(row[n] for n in keyed) not in known]
            )


def measure(url: str) -> dict[str, Any]:
    """Return the milliseconds of pages in this process, the first one cold."""
    settings = settings_of()
    prepare_page(settings.report.language)
    engine = open_engine(url)
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    with engine.connect() as connection:
        leads = lead_facts.count(connection)
    result: dict[str, Any] = {"leads": leads, "load_before": round(os.getloadavg()[0], 1)}
    for name, filters in FILTERS.items():
        times, built, cpu = [], [], []
        for _ in range(ROUNDS if name == "default" else 3):
            statements.clear()
            begun, begun_cpu = time.perf_counter(), time.process_time()
            with engine.connect() as connection:
                page = build_page(connection, settings, filters, money=True, now=NOW)
            middle = time.perf_counter()
            html = render_html(page)
            cpu.append(1_000.0 * (time.process_time() - begun_cpu))
            times.append(1_000.0 * (time.perf_counter() - begun))
            built.append(1_000.0 * (middle - begun))
        result[name] = {
            "first_ms": round(times[0], 1),
            "median_ms": round(statistics.median(times), 1),
            "least_ms": round(min(times), 1),
            "queries_ms": round(statistics.median(built), 1),
            "first_cpu_ms": round(cpu[0], 1),
            "median_cpu_ms": round(statistics.median(cpu), 1),
            "statements": len(statements),
            "kilobytes": round(len(html.encode()) / 1_000.0, 1),
        }
    result["cores"] = os.cpu_count()
    result["load_after"] = round(os.getloadavg()[0], 1)
    engine.dispose()
    return result


def prepare(url: str, leads: int) -> None:
    """Fill the store and its rollups."""
    engine = open_engine(url)
    fill(engine, leads)
    fill_days(engine)
    refresh(engine, settings_of(), now=NOW, full=True)
    with long_transaction(engine) as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def main(arguments: Sequence[str] = ()) -> None:
    """Print the figures as JSON, and keep them by kind of database in `benchmarks/results/report_page.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--store", help="URL of an empty database; left out: a SQLite file")
    parser.add_argument("--filled", action="store_true", help="The store is filled already")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        url = options.store or f"sqlite:///{Path(folder) / 'report.db'}"
        if options.filled:
            result = measure(url)
            keep(RESULT, url, result)
            print(json.dumps(result, indent=2))  # noqa: T201
            return
        prepare(url, options.leads)
        command = [sys.executable, "-m", "benchmarks.report_page", "--store", url, "--filled"]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
