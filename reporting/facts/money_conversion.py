"""Convert imported money into the currency of the settings, by a table of months."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadworth.settings import Settings

MICROS = 1_000_000


def micros(money: Decimal) -> int:
    """Return an amount in millionths of its unit, rounded half up.

    Examples
    --------
    >>> micros(Decimal("12.5")), micros(Decimal("-0.01"))
    (12500000, -10000)
    """
    return int((money * MICROS).quantize(Decimal(1), ROUND_HALF_UP))


def rate_of(settings: Settings, currency: str, day: date) -> Decimal | None:
    """Return the value of one unit of a currency in that of the settings; None without a rate.

    A rate of the month in `[report.rates]` is preferred to the one in `[currencies]`.

    Examples
    --------
    >>> from leadworth.settings import Settings
    >>> settings = Settings(
    ...     currency="EUR", leads={}, currencies={"USD": 0.9}, report={"rates": {"2026-10": {"USD": 0.86}}}
    ... )
    >>> [rate_of(settings, "USD", date(2026, month, 1)) for month in (10, 11)], rate_of(settings, "GBP", date.today())
    ([Decimal('0.86'), Decimal('0.9')], None)
    """
    if currency == settings.currency:
        return Decimal(1)
    monthly = settings.report.rates.get(f"{day:%Y-%m}", {})
    rate = monthly.get(currency, settings.currencies.get(currency))
    return None if rate is None else Decimal(str(rate))


def converted_micros(settings: Settings, cost_micros: int, currency: str, day: date) -> int | None:
    """Return millionths of the currency of the settings; None without a rate."""
    rate = rate_of(settings, currency, day)
    return None if rate is None else int((cost_micros * rate).quantize(Decimal(1), ROUND_HALF_UP))
