"""The report page over HTTP and in process: cold, median, and each kind of filter.

    python -m benchmarks.run report_http
    python -m benchmarks.report_http [--store URL] [--home FOLDER]

The store is one that `benchmarks.report_page` filled; without one, a SQLite file is filled first. One worker of
`leadworth serve` with API keys serves it; the first page is that of a server that has just started, without the request
of its readiness. No page is kept by either side. In process and over HTTP take turns, so that their ratio holds on a
busy machine. CPU is that of the process that builds the page. The service deletes facts older than `[retention]
facts_days`, 1,830 days by default: of the generated leads about 550 for each day since `report_refresh.NOW`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.http_scoring import ENVIRONMENT, free_port, leadworth, server, trained
from benchmarks.report_page import FILTERS, ROUNDS, prepare, settings_of
from benchmarks.report_refresh import keep
from leadworth.console import console
from reporting.page.html_page import render_html
from reporting.views.report_filters import ReportFilters
from reporting.views.report_page import build_page
from store import lead_facts
from store.engine import open_engine

RESULT = Path(__file__).parent / "results" / "report_http.json"
FILTER_ROUNDS = 3
LEADS = 1_000_000
Cost = tuple[float, float]
"""Milliseconds by the clock, and of CPU."""


def measure(url: str, home: Path) -> dict[str, Any]:
    """Return the milliseconds of pages over HTTP and in this process."""
    store = f'\n[serving]\nstore = "{url}"\n'
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "served"
        subprocess.run(["cp", "-a", f"{home}/.", str(folder)], check=True)
        settings = folder / "leadworth.toml"
        settings.write_text(settings.read_text(encoding="utf-8") + store, encoding="utf-8")
        key = leadworth(folder, "keys", "create", "benchmark", "-q", *("--scope", "report", "--scope", "money")).strip()
        port = free_port()
        command = [sys.executable, "-m", "leadworth", "serve", "--port", str(port), "--config", str(settings)]
        load = os.getloadavg()[0]
        with server(command, f"http://127.0.0.1:{port}/readyz", ENVIRONMENT) as process:
            pages = _measured(f"http://127.0.0.1:{port}", key, process, url)
    return {"load_before": round(load, 1), **pages, "cores": os.cpu_count(), "load_after": round(os.getloadavg()[0], 1)}


def _measured(address: str, key: str, process: int, url: str) -> dict[str, Any]:
    engine = open_engine(url)
    settings = settings_of()

    def in_process(filters: ReportFilters) -> Cost:
        begun, begun_cpu = time.perf_counter(), time.process_time()
        with engine.connect() as connection:
            render_html(build_page(connection, settings, filters, money=True, now=datetime.now(UTC)))
        return 1_000.0 * (time.perf_counter() - begun), 1_000.0 * (time.process_time() - begun_cpu)

    def over_http(filters: ReportFilters) -> Cost:
        query = filters.query
        request = urllib.request.Request(
            f"{address}/report{'?' + query if query else ''}", headers={"Authorization": f"Bearer {key}"}
        )
        begun, begun_cpu = time.perf_counter(), _cpu_ms(process)
        with urllib.request.urlopen(request, timeout=120) as answer:
            answer.read()
        return 1_000.0 * (time.perf_counter() - begun), _cpu_ms(process) - begun_cpu

    cold = over_http(ReportFilters())
    in_process(ReportFilters())
    result: dict[str, Any] = {"cold_ms": round(cold[0], 1), "cold_cpu_ms": round(cold[1], 1)}
    for name, filters in FILTERS.items():
        if filters.channel or filters.campaign or filters.country:  # the generated names are unknown to the service
            continue
        rounds = ROUNDS if name == "default" else FILTER_ROUNDS
        result[name] = _in_turn(in_process, over_http, filters, rounds)
    with engine.connect() as connection:
        result["leads"] = lead_facts.count(connection)
    engine.dispose()
    return result


def _in_turn(
    in_process: Callable[[ReportFilters], Cost],
    over_http: Callable[[ReportFilters], Cost],
    filters: ReportFilters,
    rounds: int,
) -> dict[str, float]:
    pairs = [(over_http(filters), in_process(filters)) for _ in range(rounds)]
    figures = {}
    for place, name in enumerate(("http", "in_process")):
        figures[f"{name}_ms"] = round(statistics.median(pair[place][0] for pair in pairs), 1)
        figures[f"{name}_cpu_ms"] = round(statistics.median(pair[place][1] for pair in pairs), 1)
    return figures


def _cpu_ms(process: int) -> float:
    """Return the CPU time of a process, in steps of the kernel's clock."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return 1_000.0 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str] = ()) -> None:
    """Print the figures, and keep them by kind of database in `benchmarks/results/report_http.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", help="URL of a store filled by benchmarks.report_page; left out: one is filled")
    parser.add_argument("--home", type=Path, help="Folder with a champion; left out: one is trained")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        url = options.store or f"sqlite:///{Path(scratch) / 'report.db'}"
        if not options.store:
            prepare(url, LEADS)
        result = measure(url, options.home or trained(Path(scratch) / "crm"))
    keep(RESULT, url, result)
    console.print_json(data=result)


if __name__ == "__main__":
    main(sys.argv[1:])
