"""Sections of the figures page on batch scoring: against plain pandas, and by engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from benchmarks.peer_scoring import BAR

Row = Callable[[str, str, str, bool], str]

_MORE = {"Dask, 2 workers": (1.10, 15.0), "Spark, 2 tasks": (1.6, 30.0)}
"""Most CPU of an engine: so many times that of one process, and seconds."""
_MOST_MIB = 1024


def against_pandas(result: dict[str, Any], targets: str, row: Row) -> Iterator[str]:
    """Yield the section on the peer; `result` is that of `benchmarks.peer_scoring`."""
    load = max(max(run["load"]) for run in result["runs"])
    yield f"""## Files against plain pandas: `python -m benchmarks.run peer_scoring`

The same Parquet files, in turn: `leadworth score` with {result["workers"]} workers and everything (velocity, all
features, three models, policy, reasons), and pandas with 60 plain features and `predict` of the same three models,
nothing else (`benchmarks/peers/plain_pandas.py`). Whole commands with their start, medians, {result["cpus"]} cores,
load average up to {load:.0f}. Memory is the largest of one process.

| leads | runs | pandas, s | leadworth, s | pandas, CPU s | leadworth, CPU s | leadworth, peak MiB |
|---|---|---|---|---|---|---|"""
    for leads, one in result["ratios"].items():
        runs = sum(run["leads"] == int(leads) and run["what"] == "leadworth" for run in result["runs"])
        pandas, cpu = (
            f"{one[key]:.1f}" if key in one else "not run" for key in ("pandas_seconds", "pandas_cpu_seconds")
        )
        yield (
            f"| {int(leads):,} | {runs} | {pandas} | {one['leadworth_seconds']:.1f} | {cpu} | "
            f"{one['leadworth_cpu_seconds']:.1f} | {one['leadworth_peak_mib']:,} |"
        )
    yield targets
    for leads, one in result["ratios"].items():
        for key, label in (("seconds", "time"), ("cpu_seconds", "CPU")):
            ratio = one.get(f"{key}_ratio")
            if ratio is None:
                continue
            figure = f"{label} of {int(leads):,} leads, x plain pandas"
            yield row(figure, f"at most {BAR:.0f}", f"{ratio:.1f}", ratio <= BAR)
    yield from _memory(result["ratios"], row)
    yield ""


def _memory(ratios: dict[str, dict[str, float]], row: Row) -> Iterator[str]:
    """Yield the rows on memory."""
    peaks = {int(leads): one["leadworth_peak_mib"] for leads, one in ratios.items()}
    sizes = sorted(peaks)
    figure = f"memory of a process, {sizes[-1]:,} leads"
    yield row(figure, f"below {_MOST_MIB:,} MiB", f"{peaks[sizes[-1]]:,} MiB", peaks[sizes[-1]] < _MOST_MIB)
    for small, large in pairwise(sizes):
        growth = peaks[large] / peaks[small] - 1.0
        figure = f"memory of a process, {large:,} leads above {small:,}"
        yield row(figure, "under 10 %", f"{growth:.0%}", growth < 0.1)


def engines(result: dict[str, Any], targets: str, row: Row) -> Iterator[str]:
    """Yield the section on engines; `result` is that of `benchmarks.engines`."""
    first = result["runs"][0]
    yield f"""## Engines: `python -m benchmarks.run engines`

One process was measured before it worked in parts; it needs 941 MiB now ([scale](../explanation/scale.md)).

{result["leads"]:,} leads from Parquet to Parquet with velocity, {result["cpus"]} cores. CPU seconds are those of all
processes of the command, memory the peak of each process that used more than a second.

| engine | seconds | CPU s | x one process | peak MiB by process | same scores | load average |
|---|---|---|---|---|---|---|"""
    for run in result["runs"]:
        yield (
            f"| {run['engine']} | {run['seconds']:.0f} | {run['cpu_seconds']:.0f} | "
            f"{run['cpu_seconds'] / first['cpu_seconds']:.2f} | {', '.join(map(str, run['peak_mib']))} | "
            f"{'yes' if run['digest'] == first['digest'] else 'no'} | {run['load'][0]:.0f} to {run['load'][1]:.0f} |"
        )
    yield targets
    for run in result["runs"]:
        if run["engine"] in _MORE:
            times, more = _MORE[run["engine"]]
            least = (run["cpu_seconds"] - more) / first["cpu_seconds"]
            measured = f"{run['cpu_seconds']:.0f} s against {first['cpu_seconds']:.0f} s"
            yield row(f"{run['engine']}: CPU", f"at most {times} x + {more:.0f} s", measured, least <= times)
    equal = all((run["digest"], run["rows"]) == (first["digest"], result["leads"]) for run in result["runs"])
    yield row("rows and scores of all engines, numbers to 1e-9", "equal", "equal" if equal else "different", equal)
    yield ""
