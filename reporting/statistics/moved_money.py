"""Money moved wrongly: what following the cheaper lead has cost.

It is the spend moved towards the worse channel times the difference of their returns. Returns are those of the average
unit of spend, not of the next one, so the figure is an estimate of the size, and no forecast of what moving it back
would bring.
"""

from __future__ import annotations

CLEARLY_LESS = 0.8
"""Share of another channel's cost per lead, and of its return, below which a channel is cheap, and poor."""


def shifted_spend(worse: float, better: float, worse_before: float, better_before: float) -> float:
    """Return the spend that the worse channel has beyond its earlier share of both; 0 where it has less.

    Parameters
    ----------
    worse, better
        Spend of the period.
    worse_before, better_before
        Spend of the period before.

    Examples
    --------
    >>> shifted_spend(30_000, 10_000, 10_000, 10_000), shifted_spend(10_000, 30_000, 10_000, 10_000)
    (10000.0, 0.0)
    """
    before = worse_before + better_before
    if before <= 0:
        return 0.0
    return max(worse - (worse + better) * worse_before / before, 0.0)


def money_moved_wrongly(moved: float, return_of_better: float, return_of_worse: float) -> float:
    """Return the revenue that moved spend brings less; 0 where the return is not lower.

    Examples
    --------
    >>> money_moved_wrongly(10_000, 7.2, 2.7)
    45000.0
    """
    return moved * max(return_of_better - return_of_worse, 0.0)


def is_cheap_but_poor(cost_per_lead: float, return_per_unit: float, other_cost: float, other_return: float) -> bool:
    """Return whether a channel's leads cost clearly less than another's while its return is clearly lower.

    With many leads the order of two channels is certain where both differ by a hundredth; that is nothing to act on.

    Examples
    --------
    >>> is_cheap_but_poor(33, 2.7, 100, 7.2), is_cheap_but_poor(33, 7.2, 100, 2.7)
    (True, False)
    """
    return cost_per_lead < CLEARLY_LESS * other_cost and return_per_unit < CLEARLY_LESS * other_return
