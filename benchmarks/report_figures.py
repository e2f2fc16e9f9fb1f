"""Section of docs/reference/figures.md about the speed and size of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
COLD_MS, MEDIAN_MS, FILTER_MS, REFRESH_SECONDS, KILOBYTES = 300, 100, 1_000, 60, 60
Row = Callable[[str, str, str, bool], str]


def reported(
    pages: Mapping[str, Any], served: Mapping[str, Any], refreshes: Mapping[str, Any], targets: str, row: Row
) -> Iterator[str]:
    """Yield the lines of the section.

    Parameters
    ----------
    pages, served, refreshes
        Kind of database -> result of `benchmarks.report_page`, `report_http` and `report_refresh`.
    targets
        Head of a table of targets.
    row
        Returns a row of it from the figure, the target, what was measured, and whether it is met.
    """
    yield """## The report page: `python -m benchmarks.run report_page report_http report_refresh`

Queries and rendering in one process, five years of leads, touches, spend and sessions, 12 channels, 300 campaigns, 30
countries. Cold is the first page of a new process, without the imports and the templates, which the service reads when
it starts. No built page is kept. CPU is that of the process; that of a PostgreSQL server comes on top. On a busy
machine times are longer than CPU by the wait for a core.
"""
    for kind, result in pages.items():
        yield from _page(NAMES.get(kind, kind), result, targets, row)
    for kind, result in served.items():
        yield from _served(NAMES.get(kind, kind), result)
    if refreshes:
        yield targets
    for kind, result in refreshes.items():
        figure = f"nightly refresh, {result['leads']:,} leads, {NAMES.get(kind, kind)}"
        seconds, cpu = result["nightly_seconds"], result["nightly_cpu_seconds"]
        yield row(figure, f"under {REFRESH_SECONDS} s", f"{seconds} s ({cpu} s CPU)", seconds < REFRESH_SECONDS)
    yield ""


def _page(name: str, result: Mapping[str, Any], targets: str, row: Row) -> Iterator[str]:
    load = f"{result['load_before']:.1f} to {result['load_after']:.1f}"
    yield f"{name}, {result['leads']:,} leads, {result['cores']} cores, load average {load}:"
    yield targets
    kinds = {kind: of_kind for kind, of_kind in result.items() if isinstance(of_kind, dict)}
    default = kinds["default"]
    cold, median = default["first_ms"], default["median_ms"]
    yield row("default page, cold", f"under {COLD_MS} ms", _times(cold, default["first_cpu_ms"]), cold < COLD_MS)
    yield row(
        "default page, median", f"under {MEDIAN_MS} ms", _times(median, default["median_cpu_ms"]), median < MEDIAN_MS
    )
    for kind, of_kind in kinds.items():
        slowest = max(of_kind["first_ms"], of_kind["median_ms"])
        if kind != "default":
            cpu = max(of_kind["first_cpu_ms"], of_kind["median_cpu_ms"])
            yield row(f"filter: {kind}", f"under {FILTER_MS:,} ms", _times(slowest, cpu), slowest < FILTER_MS)
    size = max(of_kind["kilobytes"] for of_kind in kinds.values())
    yield row("largest of these pages", f"under {KILOBYTES} kB", f"{size} kB", size < KILOBYTES)
    yield ""


def _served(name: str, result: Mapping[str, Any]) -> Iterator[str]:
    load = f"{result['load_before']:.1f} to {result['load_after']:.1f}"
    first = _times(result["cold_ms"], result["cold_cpu_ms"])
    yield f"""Over HTTP, one worker of `leadworth serve`, {name}, {result["leads"]:,} leads, load average {load};
the first page of the server {first}. In process and over HTTP take turns:

| page | over HTTP | in process | ratio |
|---|---|---|---|"""
    for kind, times in result.items():
        if isinstance(times, dict):
            over, inside = times["http_ms"], times["in_process_ms"]
            yield (
                f"| {kind} | {_times(over, times['http_cpu_ms'])} | {_times(inside, times['in_process_cpu_ms'])} "
                f"| {over / inside:.2f} |"
            )
    yield ""


def _times(wall: float, cpu: float) -> str:
    return f"{wall:,.0f} ms ({cpu:,.0f} ms CPU)"
