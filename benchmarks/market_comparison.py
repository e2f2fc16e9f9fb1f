"""What leadworth earns in the ad market, of the other signals in the same markets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from simulation.auction.auction_parameters import auction_parameters
from simulation.auction.market_outcomes import weeks_to_move
from simulation.auction.product_signal import STAGED
from simulation.auction.signal_registry import BOUND, REFERENCE, SIGNALS

Row = Callable[[str, str, str, bool], str]
Figures = dict[str, Any]
FILLS, DEALS = "form fills", "closed-won"
BEST_OTHER = "best other signal"
"""The one that earns most in a market, which is known only afterwards."""
COMPARED = (FILLS, "MQL count", "decile values", "90-day target", BEST_OTHER)
OTHERS = [name for name in SIGNALS if name not in (REFERENCE, BOUND)]
CHANGE_WEEK = auction_parameters().shift_day // 7


@dataclass(frozen=True)
class MarketPair:
    """Figures of leadworth and of the other signals in one market."""

    scenario: str
    seed: int
    own: Figures
    others: dict[str, Figures]

    @property
    def best_other(self) -> str:
        """Name of the other signal that earns most."""
        return max(OTHERS, key=lambda name: float(self.others[name]["value_per_spend"]))

    def ratio(self, figure: str, other: str) -> float:
        """Return a figure of leadworth, of that of another signal."""
        name = self.best_other if other == BEST_OTHER else other
        return float(self.own[figure] / self.others[name][figure])


def paired(others: list[dict[str, Any]], product: list[dict[str, Any]]) -> list[MarketPair]:
    """Return the markets that both results have, by scenario and seed."""
    by_market = {(line["scenario"], line["seed"]): line["signals"] for line in others}
    pairs = [
        MarketPair(line["scenario"], line["seed"], line["signals"][STAGED], by_market[line["scenario"], line["seed"]])
        for line in product
        if (line["scenario"], line["seed"]) in by_market
    ]
    order = list(auction_parameters().scenarios)
    return sorted(pairs, key=lambda pair: (order.index(pair.scenario), pair.seed))


def leadworth_itself(pairs: list[MarketPair], targets: str, row: Row) -> Iterator[str]:
    """Yield the tables of leadworth: each market, means by scenario, targets."""
    yield from _markets(pairs)
    yield from _scenarios(pairs)
    complete = _complete(pairs)
    yield f"\nTargets: the {len({pair.seed for pair in complete})} seeds that ran in all scenarios."
    yield targets
    yield from _targets(complete, row)


def weeks_until_moved(signal: Figures, reference: Figures) -> float:
    """Return the weeks until the spend of a signal moved half as far as that of perfect knowledge."""
    return weeks_to_move(np.array(signal["moved_share"]), np.array(reference["moved_share"]), CHANGE_WEEK)


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


def _markets(pairs: list[MarketPair]) -> Iterator[str]:
    yield "\nleadworth staged (exports every sixth day, trained each quarter), of perfect knowledge in that market.\n"
    yield "| market | leadworth | best other signal | form fills | spend on junk: leadworth, form fills |"
    yield "|---|---|---|---|---|"
    for pair in pairs:
        best = pair.others[REFERENCE]["value_per_spend"]
        other = pair.best_other
        cells = [
            f"{pair.scenario} {pair.seed}",
            f"{pair.own['value_per_spend'] / best:.2f}",
            f"{pair.others[other]['value_per_spend'] / best:.2f} ({other})",
            f"{pair.others[FILLS]['value_per_spend'] / best:.2f}",
            f"{pair.own['junk_cost']:.0%}, {pair.others[FILLS]['junk_cost']:.0%}",
        ]
        yield "| " + " | ".join(cells) + " |"


def _scenarios(pairs: list[MarketPair]) -> Iterator[str]:
    yield "\nleadworth staged, of other signals in the same market: mean and 95 % interval over the seeds.\n"
    yield f"| scenario | seeds | {REFERENCE} | {' | '.join(COMPARED)} | junk of form fills |"
    yield "|---|---|---|" + "---|" * (len(COMPARED) + 1)
    for scenario in auction_parameters().scenarios:
        here = [pair for pair in pairs if pair.scenario == scenario]
        if here:
            cells = [interval(_ratios(here, "value_per_spend", name)) for name in (REFERENCE, *COMPARED)]
            cells.append(interval(_ratios(here, "junk_cost", FILLS)))
            yield f"| {scenario} | {len(here)} | {' | '.join(cells)} |"


def _complete(pairs: list[MarketPair]) -> list[MarketPair]:
    """Return the markets of seeds that ran in all scenarios; a seed without one of them would tilt the means."""
    ran = Counter(pair.seed for pair in pairs)
    return [pair for pair in pairs if ran[pair.seed] == len(auction_parameters().scenarios)]


def _ratios(pairs: list[MarketPair], figure: str, other: str) -> NDArray[np.float64]:
    return np.array([pair.ratio(figure, other) for pair in pairs])


def _by_seed(pairs: list[MarketPair], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each seed, whose scenarios share their people."""
    means = pd.Series(values).groupby([pair.seed for pair in pairs]).mean()
    return np.asarray(means, dtype=np.float64)


def _targets(pairs: list[MarketPair], row: Row) -> Iterator[str]:
    for what, other, least in (("perfect knowledge", REFERENCE, 0.85), ("the best other signal", BEST_OTHER, 1.2)):
        earned = _by_seed(pairs, _ratios(pairs, "value_per_spend", other))
        yield row(f"leadworth, of {what}", f"at least {least}", interval(earned), earned.mean() >= least)
    floods, shifts = ([pair for pair in pairs if pair.scenario == name] for name in ("flood", "shift"))
    if floods:
        junk = _ratios(floods, "junk_cost", FILLS)
        yield row("spend on junk in a flood, of form fills", "at most 0.20", interval(junk), junk.mean() <= 0.2)
    if shifts:
        own, deals = (
            np.median([weeks_until_moved(figures, pair.others[REFERENCE]) for figures, pair in moved])
            for moved in ([(pair.own, pair) for pair in shifts], [(pair.others[DEALS], pair) for pair in shifts])
        )
        name = "weeks until spend moved after a shift, of closed deals"
        yield row(name, "at most 1/3", f"{own:.0f} of {deals:.0f}", bool(own <= deals / 3))
    came = np.array([pair.own["reported_ratio"] for pair in pairs])
    yield _money("money reported, of the revenue that came", came, pairs, row)
    expected = np.array([_of_expected(pair.own["money"]) for pair in pairs])
    yield _money("the same, of the expected revenue of leads with consent", expected, pairs, row)


def _money(name: str, ratios: NDArray[np.float64], pairs: list[MarketPair], row: Row) -> str:
    measured = f"{interval(_by_seed(pairs, ratios))}, one market {ratios.min():.2f} to {ratios.max():.2f}"
    return row(name, "0.95 to 1.05", measured, bool(0.95 <= ratios.min() <= ratios.max() <= 1.05))


def _of_expected(money: dict[str, dict[str, float]]) -> float:
    """Return what the platforms accepted, of the expected revenue of leads with consent."""
    sums = pd.DataFrame(money).sum(axis=1)
    return float(sums["reported"] / sums["expected_with_consent"])
