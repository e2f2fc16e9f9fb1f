"""All signals that the market compares, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simulation.auction.ad_market import AdMarket
from simulation.auction.fitted_signals import DecileValues, NinetyDayTarget, QuartileTiers
from simulation.auction.market_contract import Signal
from simulation.auction.market_run import MarketRun, run_market, warm_up
from simulation.auction.plain_signals import (
    CaptchaFills,
    ClosedWon,
    FormFills,
    HandMadePoints,
    MqlCount,
    TrueCells,
    TrueValue,
)

REFERENCE = TrueValue.name
BOUND = TrueCells.name
SIGNALS: dict[str, Callable[[], Signal]] = {
    FormFills.name: FormFills,
    CaptchaFills.name: CaptchaFills,
    MqlCount.name: MqlCount,
    HandMadePoints.name: HandMadePoints,
    QuartileTiers.name: QuartileTiers,
    DecileValues.name: DecileValues,
    NinetyDayTarget.name: NinetyDayTarget,
    ClosedWon.name: ClosedWon,
    TrueValue.name: TrueValue,
    TrueCells.name: TrueCells,
}


def run_signals(market: AdMarket, names: list[str]) -> Iterator[tuple[Signal, MarketRun]]:
    """Run signals by name in one market, one after the other."""
    warmed = warm_up(market)
    for name in names:
        signal = SIGNALS[name]()
        yield signal, run_market(warmed, signal, bound=name == BOUND)
