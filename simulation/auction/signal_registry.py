"""All signals that the market compares, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

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
from simulation.auction.product_signal import AT_SUBMIT, STAGED, ProductSignal, at_submit_only, staged

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
PRODUCT_SIGNALS: dict[str, Callable[[], ProductSignal]] = {AT_SUBMIT: at_submit_only, STAGED: staged}
"""Signals that train, score and export as a business does: minutes to an hour each."""
QUICK_EXPORT_DAYS = 6
"""Meta accepts no event that is older than a week."""


def run_signals(
    market: AdMarket, names: list[str], *, quick: bool = False, advance: Callable[[int], None] = lambda _: None
) -> Iterator[tuple[Signal, MarketRun]]:
    """Run signals by name in one market, one after the other.

    Parameters
    ----------
    market
        The market.
    names
        Keys of `SIGNALS` and `PRODUCT_SIGNALS`.
    quick
        Whether the signals that go through the product export every sixth day instead of every night.
    advance
        Called with 1 after each day of each signal.
    """
    warmed = warm_up(market)
    for name in names:
        if name in PRODUCT_SIGNALS:
            with closing(PRODUCT_SIGNALS[name]()) as product:
                if quick:
                    product.export_days = QUICK_EXPORT_DAYS
                yield product, run_market(warmed, product, advance=advance)
            continue
        signal = SIGNALS[name]()
        yield signal, run_market(warmed, signal, bound=name == BOUND, advance=advance)
