"""Section of docs/reference/figures.md on the ad market; `python -m benchmarks.market_page` draws its picture.

Read from benchmarks/results/market.jsonl and market_product.jsonl; the picture is docs/images/market.svg.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from benchmarks.market import PRODUCT, lines
from simulation.auction.auction_parameters import auction_parameters
from simulation.auction.market_outcomes import weeks_to_move
from simulation.auction.market_picture import draw_months
from simulation.auction.product_signal import STAGED
from simulation.auction.signal_registry import BOUND, REFERENCE, SIGNALS

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "market.svg"
CHANGE_WEEK = auction_parameters().shift_day // 7


Results = list[dict[str, Any]]
Row = Callable[[str, str, str, bool], str]
OTHERS = [name for name in SIGNALS if name not in (REFERENCE, BOUND)]
FILLS, DEALS = "form fills", "closed-won"


def main() -> None:
    """Draw the calm scenario."""
    calm = _of(lines(), "calm")
    draw_months(pd.concat([_months(calm, name) for name in SIGNALS], ignore_index=True), PICTURE)


def market(targets: str, row: Row) -> Iterator[str]:
    """Yield the lines of the section."""
    yield "## Ad market: `python -m benchmarks.market`, and `python -m benchmarks.market product`"
    results = lines()
    for scenario in auction_parameters().scenarios:
        if here := _of(results, scenario):
            yield from _table(scenario, here)
    by_market = {(line["scenario"], line["seed"]): line["signals"] for line in results}
    pairs = [
        (f"{line['scenario']} {line['seed']}", line["signals"][STAGED], by_market[line["scenario"], line["seed"]])
        for line in lines(PRODUCT)
        if (line["scenario"], line["seed"]) in by_market
    ]
    yield from _product_table(pairs)
    yield targets
    yield from _product_targets(pairs, row)
    yield "\nReasons for what is missed: [proof of values](../explanation/proof-of-values.md).\n"


Pairs = list[tuple[str, dict[str, Any], dict[str, Any]]]
"""Market, figures of leadworth, figures of the other signals."""


def _best_other(others: dict[str, Any]) -> str:
    return max(OTHERS, key=lambda name: float(others[name]["value_per_spend"]))


def _product_table(pairs: Pairs) -> Iterator[str]:
    yield "\nleadworth staged (exports every sixth day, trained each quarter), of perfect knowledge in that market.\n"
    yield "| market | leadworth | best other signal | form fills | spend on junk: leadworth, form fills |"
    yield "|---|---|---|---|---|"
    for name, own, others in pairs:
        best = others[REFERENCE]["value_per_spend"]
        other = _best_other(others)
        cells = [
            name,
            f"{own['value_per_spend'] / best:.2f}",
            f"{others[other]['value_per_spend'] / best:.2f} ({other})",
            f"{others[FILLS]['value_per_spend'] / best:.2f}",
            f"{own['junk_cost']:.0%}, {others[FILLS]['junk_cost']:.0%}",
        ]
        yield "| " + " | ".join(cells) + " |"


def _product_targets(pairs: Pairs, row: Row) -> Iterator[str]:
    def ratios(key: str, other: Callable[[dict[str, Any]], str], chosen: Pairs) -> NDArray[np.float64]:
        return np.array([own[key] / others[other(others)][key] for _, own, others in chosen])

    perfect = ratios("value_per_spend", lambda _: REFERENCE, pairs)
    yield row("leadworth, of perfect knowledge", "at least 0.85", interval(perfect), perfect.mean() >= 0.85)
    best = ratios("value_per_spend", _best_other, pairs)
    yield row("leadworth, of the best other signal", "at least 1.2", interval(best), best.mean() >= 1.2)
    junk = ratios("junk_cost", lambda _: FILLS, [pair for pair in pairs if pair[0].startswith("flood")])
    if len(junk):
        yield row("spend on junk in a flood, of form fills", "at most 0.20", interval(junk), junk.mean() <= 0.2)
    shifts = [pair for pair in pairs if pair[0].startswith("shift")]
    if shifts:
        weeks = np.array([[_weeks(signal, others) for signal in (own, others[DEALS])] for _, own, others in shifts])
        measured = f"{np.median(weeks[:, 0]):.0f} of {np.median(weeks[:, 1]):.0f}"
        reached = bool(np.median(weeks[:, 0]) <= np.median(weeks[:, 1]) / 3)
        yield row("weeks until spend moved after a shift, of closed deals", "at most 1/3", measured, reached)
    money = [own["reported_ratio"] for _, own, _ in pairs]
    measured = f"{min(money):.2f} to {max(money):.2f}"
    yield row(
        "money reported, of the revenue that came", "0.95 to 1.05", measured, 0.95 <= min(money) <= max(money) <= 1.05
    )
    known = [_sums(own["money"]) for _, own, _ in pairs if "money" in own]
    if known:
        expected = np.array([money["reported"] / money["expected_with_consent"] for money in known])
        reached = bool(0.95 <= expected.min() <= expected.max() <= 1.05)
        yield row(
            "the same, of the expected revenue of leads with consent", "0.95 to 1.05", interval(expected), reached
        )


def _sums(money: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return the sums over the platforms."""
    return {str(name): float(total) for name, total in pd.DataFrame(money).sum(axis=1).items()}


def _weeks(signal: dict[str, Any], others: dict[str, Any]) -> float:
    moved, ideal = np.array(signal["moved_share"]), np.array(others[REFERENCE]["moved_share"])
    return weeks_to_move(moved, ideal, CHANGE_WEEK)


def _months(results: Results, name: str) -> pd.DataFrame:
    values = np.mean([line["signals"][name]["by_month"] for line in results], axis=0)
    return pd.DataFrame({"signal": name, "month": np.arange(1, len(values) + 1), "value_per_spend": values})


def _of(results: Results, scenario: str) -> Results:
    return [line for line in results if line["scenario"] == scenario]


def interval(values: NDArray[np.float64]) -> str:
    """Return mean and 95 % t interval over the seeds.

    Examples
    --------
    >>> interval(np.array([0.8, 0.9, 1.0]))
    '0.90 (0.65 to 1.15)'
    """
    mean = float(values.mean())
    if len(values) < 2:
        return f"{mean:.2f}"
    half = float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return f"{mean:.2f} ({mean - half:.2f} to {mean + half:.2f})"


def _table(scenario: str, results: Results) -> Iterator[str]:
    yield f"\nScenario {scenario}: {len(results)} seeds, months 7 to 18; of perfect knowledge, paired by seed.\n"
    moved = " weeks to move |" if scenario == "shift" else ""
    yield f"| signal | expected revenue / spend | of perfect | revenue that came, of perfect | spend on junk |{moved}"
    yield "|---|---|---|---|---|" + ("---|" if moved else "")
    for name in SIGNALS:
        rows = [line["signals"] for line in results]
        own, best = (np.array([row[key]["value_per_spend"] for row in rows]) for key in (name, REFERENCE))
        came, best_came = (np.array([row[key]["revenue_per_spend"] for row in rows]) for key in (name, REFERENCE))
        junk = np.mean([row[name]["junk_cost"] for row in rows])
        cells = [name, f"{own.mean():.1f}", interval(own / best), interval(came / best_came), f"{junk:.1%}"]
        if moved:
            cells.append(f"{np.median([_weeks(row[name], row) for row in rows]):.0f}")
        yield "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
