"""The part of docs/reference/figures.md on exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Row = Callable[[str, str, str, bool], str]


def exports(result: dict[str, Any], targets: str, row: Row) -> Iterator[str]:
    """Yield the lines of the part."""
    faults, speed, staged = result["faults"], result["speed"], result["staged"]
    first = next(iter(faults.values()))
    yield f"""## The ad platforms: `python -m benchmarks.run exports`

{first["events"]:,} events for each platform to its stand-in, a fifth of requests failing (429, 500, 503, taken late,
taken and cut), {first["kills"]} times SIGKILL to one of two workers, a third of the values restated meanwhile where the
platform can.

| platform | store | seconds | sent again | lost | counted twice | older over newer |
|---|---|---|---|---|---|---|"""
    for name, told in faults.items():
        yield (
            f"| {name} | {told['store']} | {told['seconds']:.0f} | {told['repeated']:,} | {told['lost']} | "
            f"{told['counted_twice']} | {told['older_over_newer']} |"
        )
    wrong = sum(told["lost"] + told["counted_twice"] + told["older_over_newer"] for told in faults.values())
    wrong += sum(told["revised"] - told["ended_revised"] for told in faults.values())
    yield targets
    yield row("events lost, counted twice, or older over newer", "0", str(wrong), wrong == 0)
    for name, told in speed.items():
        share = told["ledger_share"]
        measured = f"{share:.0%} ({told['per_second']:,.0f} events a second; {told['bare_per_second']:,.0f} bare)"
        yield row(f"what the ledger adds to sending, {name}", "at most 30 %", measured, share <= 0.3)
    worst = max(staged["at"].values(), key=lambda ratio: abs(ratio - 1))
    ages = ", ".join(f"{age} d {ratio:.2f}" for age, ratio in staged["at"].items())
    yield row(
        "sum of values at an age, of the first values", "0.95 to 1.05", f"{worst:.2f} at most", abs(worst - 1) <= 0.05
    )
    low, high = (end(end(ratios) for ratios in staged["by_seed"].values()) for end in (min, max))
    yield (
        f"\nValues by age, {staged['leads']:,} leads of five simulated CRMs together: {ages}; one CRM alone {low:.2f} "
        f"to {high:.2f}; revenue in the end {staged['revenue']:.2f} of the first values.\n"
    )
