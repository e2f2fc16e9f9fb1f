"""Unit of predicted values as text: a currency, wins where the history has no revenue, or nothing where none is set."""

from __future__ import annotations

from leadworth.settings import NO_CURRENCY

WINS = "wins"


def value_unit(currency: str, *, has_revenue: bool = True) -> str:
    """Return the unit of predicted values.

    Examples
    --------
    >>> value_unit("EUR"), value_unit("XXX"), value_unit("EUR", has_revenue=False)
    ('EUR', '', 'wins')
    """
    if not has_revenue:
        return WINS
    return "" if currency == NO_CURRENCY else currency


def amount_text(amount: float, unit: str, decimals: int = 0) -> str:
    """Return an amount with its unit.

    Examples
    --------
    >>> amount_text(1234.5, "EUR"), amount_text(0.25, "wins", 2), amount_text(10.0, "")
    ('1,234 EUR', '0.25 wins', '10')
    """
    return f"{amount:,.{decimals}f} {unit}".rstrip()
