"""Section of docs/reference/figures.md on exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Row = Callable[[str, str, str, bool], str]


def exports(result: dict[str, Any], targets: str, row: Row) -> Iterator[str]:
    """Yield the lines of the section."""
    faults = result["faults"]
    speed = result["speed"]
    staged = result["staged"]
    first = next(iter(faults.values()))
    yield f"""## The ad platforms: `python -m benchmarks.run exports`

{first["events"]:,} events for each platform to its local peer; a fifth of the requests fail (429, 500, 503, processed
late, processed without a response), one of two workers is killed with SIGKILL {first["kills"]} times, a third of the
values are restated meanwhile where the platform supports it.

| platform | store | seconds | sent again | lost | counted twice | older over newer |
|---|---|---|---|---|---|---|"""
    for name, figures in faults.items():
        yield (
            f"| {name} | {figures['store']} | {figures['seconds']:.0f} | {figures['repeated']:,} | {figures['lost']} | "
            f"{figures['counted_twice']} | {figures['older_over_newer']} |"
        )
    wrong = sum(figures["lost"] + figures["counted_twice"] + figures["older_over_newer"] for figures in faults.values())
    wrong += sum(figures["revised"] - figures["ended_revised"] for figures in faults.values())
    yield targets
    yield row("events lost, counted twice, or older over newer", "0", str(wrong), wrong == 0)
    for name, figures in speed.items():
        share = figures["ledger_share"]
        measured = f"{share:.0%} ({figures['per_second']:,.0f} events a second; {figures['bare_per_second']:,.0f} bare)"
        yield row(f"overhead of the outbox, {name}", "at most 30 %", measured, share <= 0.3)
    worst = max(staged["at"].values(), key=lambda ratio: abs(ratio - 1))
    ages = ", ".join(f"{age} d {ratio:.2f}" for age, ratio in staged["at"].items())
    yield row(
        "sum of values at an age, of the first values", "0.95 to 1.05", f"{worst:.2f} at most", abs(worst - 1) <= 0.05
    )
    low, high = (end(end(ratios) for ratios in staged["by_seed"].values()) for end in (min, max))
    yield (
        f"\nValues by age, {staged['leads']:,} leads of five simulated CRMs together: {ages}; one CRM alone {low:.2f} "
        f"to {high:.2f}; final revenue {staged['revenue']:.2f} of the first values.\n"
    )
