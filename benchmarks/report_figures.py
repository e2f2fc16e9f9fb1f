"""Section of docs/reference/figures.md about the speed and size of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
COLD_MS, MEDIAN_MS, FILTER_MS, REFRESH_SECONDS, KILOBYTES = 300, 100, 1_000, 60, 60
Row = Callable[[str, str, str, bool], str]


def reported(pages: Mapping[str, Any], refreshes: Mapping[str, Any], targets: str, row: Row) -> Iterator[str]:
    """Yield the lines of the section.

    Parameters
    ----------
    pages, refreshes
        Kind of database -> result of `benchmarks.report_page` and `benchmarks.report_refresh`.
    targets
        Head of a table of targets.
    row
        Returns a row of it from the figure, the target, what was measured, and whether it is met.
    """
    yield """## The report page: `python -m benchmarks.run report_page report_refresh`

Queries and rendering in one process, five years of leads, touches, spend and sessions, 12 channels, 300 campaigns, 30
countries. Cold is the first page of a new process, without the imports and the templates, which the service reads when
it starts. No built page is kept. CPU is that of the process; that of a PostgreSQL server comes on top. On a busy
machine times are longer than CPU by the wait for a core.
"""
    for kind, result in pages.items():
        yield from _page(NAMES.get(kind, kind), result, targets, row)
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


def _times(wall: float, cpu: float) -> str:
    return f"{wall:,.0f} ms ({cpu:,.0f} ms CPU)"
