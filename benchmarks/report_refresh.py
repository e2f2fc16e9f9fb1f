"""Seconds of a nightly refresh of the report with a million leads.

    python -m benchmarks.report_refresh [--leads 1000000] [--store URL]

The facts are generated in the store. Timed are a nightly refresh, in which every open lead of the last `horizon_days`
gets a new score and all sums of these days are written again, and a full one. Reading and scoring the leads of a CRM
comes before and is not part of it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, select

from leadworth.settings import Settings
from reporting.facts.fact_builder import LeadScore
from reporting.facts.refresh import FactSources, refresh
from store import lead_facts, report_refreshes
from store.engine import open_engine
from store.long_transaction import long_transaction
from store.migrate import upgrade
from store.report_refreshes import ReportRefresh
from store.report_schema import lead_facts as table

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
RESULT = Path(__file__).parent / "results" / "report_refresh.json"
YEARS_DAYS = 1_826
PARTS = 50_000


def generated(leads: int, seed: int = 7) -> Iterator[list[dict[str, Any]]]:
    """Yield facts of five years: 12 channels, 300 campaigns, 30 countries, a share open, won and lost."""
    rng = np.random.default_rng(seed)
    for begin in range(0, leads, PARTS):
        size = min(PARTS, leads - begin)
        seconds = np.sort(rng.uniform(0, YEARS_DAYS * 86_400, size))
        campaign = rng.integers(0, 300, size)
        country = rng.integers(0, 30, size)
        win = rng.integers(0, 200_000, size)
        outcome = rng.random(size)
        mql, touched = rng.random(size) < 0.5, rng.random(size) < 0.6
        delay = rng.exponential(30 * 86_400, size)
        rows = []
        for i in range(size):
            age = float(seconds[i])
            at = NOW - timedelta(seconds=age)
            later = at + timedelta(seconds=min(float(delay[i]), age))
            written, after = at.isoformat(timespec="microseconds"), later.isoformat(timespec="microseconds")
            won, lost = outcome[i] < 0.08, outcome[i] >= (0.7 if age < 200 * 86_400 else 0.1)
            rows.append(
                {
                    "lead_id": f"L{begin + i:07d}",
                    "submitted_at": written,
                    "day": str(at.date()),
                    "entry": "form",
                    "source": "google",
                    "medium": "cpc",
                    "channel": f"Channel {campaign[i] % 12}",
                    "campaign_key": f"google_ads:1:{campaign[i]}",
                    "campaign_name": f"Campaign {campaign[i]}",
                    "country": f"{chr(65 + country[i] // 6)}{chr(65 + country[i] % 6)}",
                    "account_key": "",
                    "matched_by": "id",
                    "junk_ppm": int(win[i]) // 2,
                    "win_ppm": int(win[i]),
                    "expected_revenue_micros": 5_000_000_000,
                    "submit_win_ppm": int(win[i]),
                    "submit_value_micros": int(win[i]) * 5_000,
                    "value_micros": None if won or lost else int(win[i]) * 5_000,
                    "mql_at": written if mql[i] else None,
                    "sql_at": after if mql[i] and outcome[i] < 0.5 else None,
                    "quote_at": after if mql[i] and outcome[i] < 0.2 else None,
                    "won_at": after if won else None,
                    "lost_at": after if lost and not won else None,
                    "touched_at": after if touched[i] else None,
                    "stage": "",
                    "revenue_micros": 6_000_000_000 if won else None,
                    "cost_micros": 3_600_000_000 if won else None,
                    "model_version": "1",
                    "known_at": written,
                }
            )
        yield rows


def touches_of(rows: Sequence[Mapping[str, Any]], seed: int) -> list[dict[str, str]]:
    """Return touches of leads before their submit: none of a half of them, two or three of the others."""
    rng = np.random.default_rng(seed)
    counts = rng.choice([0, 2, 3], len(rows), p=[0.5, 0.3, 0.2])
    channels, hours = rng.integers(0, 12, (len(rows), 3)), rng.uniform(1, 600, (len(rows), 3))
    found = []
    for row, count, of_lead, ages in zip(rows, counts.tolist(), channels.tolist(), hours.tolist(), strict=True):
        submitted = datetime.fromisoformat(row["submitted_at"])
        for number in range(count):
            at = submitted - timedelta(hours=ages[number])
            channel = row["channel"] if number == 0 else f"Channel {of_lead[number]}"
            place = {"touch_id": f"{row['lead_id']}.{number}", "lead_id": row["lead_id"], "channel": channel}
            kind = {"source": "google", "medium": "cpc", "kind": "visit", "origin": "test", "campaign_key": ""}
            found.append(place | kind | {"at": at.isoformat(timespec="microseconds")})
    return found


def fill(engine: Engine, leads: int) -> None:
    """Fill the store with leads and touches."""
    upgrade(engine)
    with engine.begin() as connection:
        for index in table.indexes:
            index.drop(connection)
    for number, rows in enumerate(generated(leads)):
        copy_rows(engine, table.name, rows)
        copy_rows(engine, "touches", touches_of(rows, number))
    with long_transaction(engine) as connection:
        for index in table.indexes:
            index.create(connection)
        connection.exec_driver_sql("ANALYZE")
    with engine.begin() as connection:
        before = NOW - timedelta(days=1)
        report_refreshes.add(connection, ReportRefresh("2026-11-19", before, before, 0, 0))


def copy_rows(engine: Engine, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows by the fastest way of the database."""
    connection = engine.raw_connection()
    names = list(rows[0])
    cursor = connection.cursor()
    if engine.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        sql = f"INSERT INTO {name} ({', '.join(names)}) VALUES ({marks})"
        cursor.executemany(sql, [tuple(row.values()) for row in rows])
    else:
        with cursor.copy(f"COPY {name} ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(tuple(row.values()))
    connection.commit()
    connection.close()


def open_scores(engine: Engine, horizon_days: int) -> dict[str, LeadScore]:
    """Return a new score of every open lead of the horizon."""
    first = str((NOW - timedelta(days=horizon_days)).date())
    query = select(table.c.lead_id, table.c.win_ppm).where(table.c.value_micros.is_not(None), table.c.day >= first)
    with engine.connect() as connection:
        return {
            lead: LeadScore(win * 0.99e-6, 5_000.0, win * 0.00495, win * 0.5e-6, False, "1")
            for lead, win in connection.execute(query)
        }


def measure(url: str, leads: int, horizon_days: int) -> dict[str, Any]:
    """Return the seconds of the refreshes on a store."""
    engine = open_engine(url)
    settings = Settings(
        currency="EUR",
        timezone="Europe/Rome",
        horizon_days=horizon_days,
        secret="a secret of sixteen",
        leads={"path": "none.csv", "id": "id"},
        report={"business_hours": "Mon-Fri 09:00-18:00", "holidays": "IT"},
    )
    begun = time.perf_counter()
    fill(engine, leads)
    filled = time.perf_counter() - begun
    scores = open_scores(engine, horizon_days)
    loads = [os.getloadavg()[0]]
    begun_cpu = time.process_time()
    nightly = refresh(engine, settings, now=NOW, sources=FactSources(now=scores))
    nightly_cpu = time.process_time() - begun_cpu
    loads.append(os.getloadavg()[0])
    full = refresh(engine, settings, now=NOW, full=True)
    with engine.connect() as connection:
        count = lead_facts.count(connection)
    engine.dispose()
    return {
        "store": url.partition(":")[0],
        "leads": count,
        "horizon_days": horizon_days,
        "open_scored": len(scores),
        "nightly_seconds": round(nightly.seconds, 1),
        "nightly_cpu_seconds": round(nightly_cpu, 1),  # of this process: with PostgreSQL the server's come on top
        "nightly_facts": nightly.facts,
        "nightly_rows": nightly.rows,
        "full_sums_seconds": round(full.seconds, 1),
        "fill_seconds": round(filled, 1),
        "load_average": [round(load, 1) for load in loads],
        "cores": os.cpu_count(),
    }


def keep(file: Path, url: str, result: dict[str, Any]) -> None:
    """Keep the figures of one kind of database in the file that also holds those of the other."""
    known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    known[url.partition(":")[0].partition("+")[0]] = result
    file.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, print, and keep the figures by kind of database in `benchmarks/results/report_refresh.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--horizon-days", type=int, default=180)
    parser.add_argument("--store", help="URL of an empty PostgreSQL; left out: SQLite in a temporary folder")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        url = options.store or f"sqlite:///{Path(folder) / 'store.db'}"
        result = measure(url, options.leads, options.horizon_days)
        keep(RESULT, url, result)
        print(json.dumps(result, indent=2))  # noqa: T201 - the result


if __name__ == "__main__":
    main(sys.argv[1:])
