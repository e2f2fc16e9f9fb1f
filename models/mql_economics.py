"""Economic criterion of the MQL decision."""

from __future__ import annotations

from typing import NamedTuple


class MqlEconomics(NamedTuple):
    """Economic criterion of the MQL decision.

    With revenue: ``win_probability x expected_revenue x margin > touch_cost``. Without revenue in the history:
    ``win_probability >= least_probability``.

    Examples
    --------
    >>> MqlEconomics(0.4, 25.0, "EUR").numbers(0.125, 1000.0)
    '0.1250 x 1000.00 EUR x margin 0.4 = 50.00, touch cost 25.00'
    >>> MqlEconomics(0.4, 25.0, "EUR", revenue_known=False, least_probability=0.1).numbers(0.125, 1.0)
    '0.1250, at least 0.1000 without revenue in the data'
    """

    margin: float
    touch_cost: float
    unit: str
    """Currency, or empty where none is set"""
    revenue_known: bool = True
    least_probability: float = 0.0

    def numbers(self, win: float, revenue: float) -> str:
        """Return the criterion with the numbers of a lead, as text."""
        if not self.revenue_known:
            return f"{win:.4f}, at least {self.least_probability:.4f} without revenue in the data"
        money = f"{revenue:.2f} {self.unit}".rstrip()
        value = win * revenue * self.margin
        return f"{win:.4f} x {money} x margin {self.margin:g} = {value:.2f}, touch cost {self.touch_cost:.2f}"
