"""Section of docs/reference/figures.md on overload."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Row = Callable[[str, str, str, bool], str]
NAMES = {
    "overload": "ten times as many connections as are answered at the same time, 60 s",
    "half_open": "1,100 half-open connections at 1,024 open files",
    "headers": "200 MB of headers on each of 100 connections",
    "fields": "400 leads with a field of 1 MB",
    "forms": "100,000 forms from one address",
}
ACCEPTED = frozenset({"200", "202"})
REFUSED = frozenset({"429", "431", "503"})


def overloaded(result: dict[str, Any], targets: str, row: Row) -> Iterator[str]:
    """Yield the lines of the section."""
    yield f"""## Overload: `python -m benchmarks.run overload`

One worker with the default settings, attacked five times; load average before, two cores: {result["load_average"]:.1f}.

| attack | accepted | refused (429, 431, 503) | closed | memory, idle and peak | slowest `/livez` |
|---|---|---|---|---|---|"""
    runs = {name: result[name] for name in NAMES}
    for name, run in runs.items():
        statuses = run["statuses"]
        refused = sum(count for status, count in statuses.items() if status in REFUSED)
        others = sum(statuses.values()) - refused - sum(statuses.get(status, 0) for status in ACCEPTED)
        memory = f"{run['idle_mb']:.0f} and {run['peak_mb']:.0f} MB"
        slowest = f"{run['livez_slowest_s']:.2f} s"
        yield f"| {NAMES[name]} | {run['accepted']:,} | {refused:,} | {others:,} | {memory} | {slowest} |"
    yield targets
    lost = sum(run["lost"] for run in runs.values())
    yield row("answered and not in the store", "0", str(lost), lost == 0)
    growth = max(run["peak_mb"] / (1.5 * run["idle_mb"] + 100) for run in runs.values())
    yield row("peak memory, of 1.5 x idle + 100 MB", "at most 100 %", f"{growth:.0%}", growth <= 1)
    slowest_s = max(run["livez_slowest_s"] for run in runs.values())
    yield row("slowest `/livez`", "below 1 s", f"{slowest_s:.2f} s", slowest_s < 1)
    yield ""
