"""Section of docs/reference/figures.md on late outcomes and money, from benchmarks/results/simulated.json."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import mean
from typing import Any

RowOf = Callable[[str, str, str, bool], str]


def simulated(result: dict[str, Any], targets: str, row_of: RowOf) -> Iterator[str]:
    """Yield the lines of the section."""
    seeds = ", ".join(map(str, result["seeds"]))
    yield f"""## Late outcomes and money: `python -m benchmarks.run simulated`

Simulated CRMs of {result["leads"]:,} leads in {result["months"]} months, seed {seeds}, served by the commands:
`simulate`, `train`, `score`. Scores of the leads of the {result["new_days"]} days after the export, and of those open
at the export, against the truth of the simulator. Ratios are predicted over true, means over the seeds; excess log
loss is that above the true chance itself.

| scenario | money | lowest, highest | wins | money of open leads | excess log loss | in the top 20 % | gate passed |
|---|---|---|---|---|---|---|---|"""
    rows = result["scenarios"]
    for name, row in rows.items():
        money, wins, still = (mean(row[key]) for key in ("money", "wins", "open_money"))
        spread = f"{min(row['money']):.2f}, {max(row['money']):.2f}"
        yield (
            f"| {name} | {money:.2f} | {spread} | {wins:.2f} | {still:.2f} | {mean(row['excess_log_loss']):.5f} | "
            f"{mean(row['top_fifth']):.1%} | {row['promoted']} of {len(row['money'])} |"
        )
    yield "\n" + "\n".join(f"- **{name}**: {row['about']}" for name, row in rows.items())
    yield """
References in the scenario base: the same commands with the final outcome of every lead (full knowledge), and the
baselines of the training report.

| reference | money | excess log loss | revenue in the top 20 % |
|---|---|---|---|"""
    references = result["references"]
    for name, row in references.items():
        money, loss, top = (mean(row[key]) for key in ("money", "excess_log_loss", "top_fifth"))
        yield f"| {name} | {money:.2f} | {loss:.5f} | {top:.1%} |"
    yield from _targets(rows, references, targets, row_of)


def _targets(rows: dict[str, Any], references: dict[str, Any], targets: str, row_of: RowOf) -> Iterator[str]:
    yield targets
    for key, figure, low, high in (
        ("money", "money of each scenario, mean of the seeds", 0.85, 1.15),
        ("wins", "wins, the same", 0.87, 1.10),
        ("open_money", "money of open leads, the same", 0.80, 1.20),
    ):
        means = [mean(row[key]) for row in rows.values()]
        within = sum(low <= value <= high for value in means)
        measured = f"{min(means):.2f} to {max(means):.2f}; {within} of {len(means)} within"
        yield row_of(figure, f"{low:.2f} to {high:.2f}", measured, within == len(means))
    single = [value for row in rows.values() for value in row["money"]]
    within = sum(0.75 <= value <= 1.35 for value in single)
    measured = f"{min(single):.2f} to {max(single):.2f}; {within} of {len(single)} within"
    yield row_of("money of each run", "0.75 to 1.35", measured, within == len(single))
    own = mean(rows["base"]["excess_log_loss"])
    full = mean(references["full knowledge"]["excess_log_loss"])
    others = [mean(row["excess_log_loss"]) for name, row in references.items() if name != "full knowledge"]
    yield row_of(
        "base: excess log loss, x that with full knowledge", "at most 1.3", f"{own / full:.2f}", own <= 1.3 * full
    )
    share = own / min(others)
    yield row_of("base: excess log loss, of the best baseline's", "below 1", f"{share:.2f}", share < 1)
    ratio = mean(rows["base"]["top_fifth"]) / mean(rows["base"]["top_fifth_by_probability"])
    yield row_of("base: revenue in the top 20 %, x that by probability", "at least 1.2", f"{ratio:.2f}", ratio >= 1.2)
    passed = sum(row["promoted"] for row in rows.values())
    yield row_of(
        "sound models that pass the gate", "at least 95 %", f"{passed} of {len(single)}", passed >= 0.95 * len(single)
    )
    yield ""


def demo(result: dict[str, Any], targets: str, row_of: RowOf) -> Iterator[str]:
    """Yield the lines of the section on the demo and the tutorial."""
    runs = result["runs"]
    promoted = sum(one["promoted"] for one in runs)
    ends = sorted({one["end"] for one in runs})
    yield f"""## Demo and tutorial: `python -m benchmarks.run demo_seeds`

The commands of the demo and the tutorial ({result["leads"]:,} leads in {result["months"]} months), with {len(runs)}
seeds and the export dates {", ".join(ends)}. Ratios are predicted over true.
"""
    yield targets
    yield row_of("models that become champion", "all", f"{promoted} of {len(runs)}", promoted == len(runs))
    for key, figure in (("money", "money of new leads"), ("open_money", "money of open leads"), ("wins", "wins")):
        ratios = [one[key] for one in runs]
        within = 0.85 <= mean(ratios) <= 1.15
        measured = f"{mean(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        yield row_of(f"{figure}, mean", "0.85 to 1.15", measured, within)
    yield ""
