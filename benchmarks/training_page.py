"""Section of the figures page on training with many leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Row = Callable[[str, str, str, bool], str]

NOT_MEASURED = """## Training: `python -m benchmarks.run training_scale`

Not measured on this version.
"""
_MOST_SECONDS, _MOST_MIB = 45 * 60, 5 * 1024
_LARGEST = "1000000"
_SAMPLES = {
    "auc": "AUC",
    "money_ratio": "predicted over seen money, later leads",
    "backtest_money_ratio": "the same, backtest",
}


def training_scale(result: dict[str, Any], targets: str, row: Row) -> Iterator[str]:
    """Yield the section; `result` is that of `benchmarks.training_scale`."""
    yield f"""## Training: `python -m benchmarks.run training_scale`

`leadworth train` on simulated leads with everything: leakage audit, eight baselines, backtest, random split,
registration. {result["cores"]} cores, shared with other work in so far as the load is above that; CPU minutes hold all
the same. Wins and money are those of the backtest.

| leads | minutes | CPU minutes | peak MiB | load average | predicted over seen wins | money |
|---|---|---|---|---|---|---|"""
    for leads, one in result["leads"].items():
        yield (
            f"| {int(leads):,} | {one['seconds'] / 60:.0f} | {one['cpu_seconds'] / 60:.0f} | {one['peak_mib']:,} | "
            f"{one['load_average']:.1f} | {one['backtest_wins_ratio']:.2f} | {one['backtest_money_ratio']:.2f} |"
        )
    if _LARGEST in result["leads"] or "samples" in result:
        yield targets
    if _LARGEST in result["leads"]:
        one = result["leads"][_LARGEST]
        minutes = f"{one['seconds'] / 60:.0f} minutes"
        yield row("time of 1 million leads", "at most 45 minutes", minutes, one["seconds"] <= _MOST_SECONDS)
        yield row(
            "memory of 1 million leads", "at most 5 GiB", f"{one['peak_mib']:,} MiB", one["peak_mib"] <= _MOST_MIB
        )
    if "samples" not in result:
        yield "\nWhat the samples change was not measured on this version.\n"
        return
    for name, label in _SAMPLES.items():
        everything, sampled = (run[name] for run in result["samples"].values())
        change = sampled / everything - 1.0
        figure = f"{label}: samples against all of 100,000 leads"
        yield row(figure, "within 1 %", f"{change:+.1%} ({everything:.3f}, {sampled:.3f})", abs(change) <= 0.01)
    yield ""
