"""Exact amounts of money, rounded to the minor unit of their currency."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING

from leadworth.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from leadworth.settings import Settings


@cache
def exponent(currency: str) -> int:
    """Return the number of decimals of a currency.

    Raises
    ------
    InputError
        Where the currency is not in ISO 4217.

    Examples
    --------
    >>> exponent("EUR"), exponent("JPY"), exponent("KWD")
    (2, 0, 3)
    """
    from babel.numbers import get_currency_precision, list_currencies

    if currency not in list_currencies():
        raise InputError(f"{currency!r} is not a currency", allowed="a code of ISO 4217 such as EUR", do="correct it")
    return get_currency_precision(currency)


def is_currency(currency: str) -> bool:
    """Return whether a currency is in ISO 4217.

    Examples
    --------
    >>> is_currency("EUR"), is_currency("eur"), is_currency("QQQ")
    (True, False, False)
    """
    try:
        exponent(currency)
    except InputError:
        return False
    return True


def amount(value: float | Decimal | str, currency: str) -> Decimal:
    """Return an amount, rounded half up to the minor unit of its currency.

    Raises
    ------
    InputError
        Where the value is not a finite number, or the currency unknown.

    Examples
    --------
    >>> amount(12.345, "EUR"), amount(0, "EUR"), amount(12.5, "JPY")
    (Decimal('12.35'), Decimal('0.00'), Decimal('13'))
    """
    if not math.isfinite(float(value)):
        raise InputError(f"{value} is not an amount of money", allowed="a finite number", do="correct it")
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return exact.quantize(Decimal(1).scaleb(-exponent(currency)), ROUND_HALF_UP)


def conversion_rate(currency: str, settings: Settings, what: str) -> float:
    """Return the value of one unit of a currency in the currency of the settings.

    Parameters
    ----------
    currency
        Currency of amounts that were stored before.
    settings
        With `currency` and the rates of `[currencies]`.
    what
        Name of the amounts, for the message.

    Raises
    ------
    ConfigurationError
        If it is another one and has no rate.
    """
    if currency == settings.currency:
        return 1.0
    if currency in settings.currencies:
        return settings.currencies[currency]
    raise ConfigurationError(
        f"{what} are in {currency}, and `currency` of the settings is {settings.currency}",
        allowed="one currency, or others with a rate",
        do=f"give the value of one {currency} in {settings.currency}: [currencies] with {currency} = 1.0; "
        f'or set currency = "{currency}"',
    )
