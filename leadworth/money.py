"""Amounts of money in whole units of the currency's smallest coin, exact to add and subtract."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from leadworth.errors import InputError


@cache
def exponent(currency: str) -> int:
    """Return the decimals of a currency.

    Raises
    ------
    InputError
        Where ISO 4217 knows no such currency.

    Examples
    --------
    >>> exponent("EUR"), exponent("JPY"), exponent("KWD")
    (2, 0, 3)
    """
    from babel.numbers import get_currency_precision, list_currencies

    if currency not in list_currencies():
        raise InputError(f"{currency!r} is no currency", allowed="a code of ISO 4217 such as EUR", do="correct it")
    return get_currency_precision(currency)


def is_currency(currency: str) -> bool:
    """Tell whether ISO 4217 knows a currency.

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
    """Return an amount, rounded half up to the currency's smallest coin.

    Raises
    ------
    InputError
        For what is no finite number, or no currency.

    Examples
    --------
    >>> amount(12.345, "EUR"), amount(0, "EUR"), amount(12.5, "JPY")
    (Decimal('12.35'), Decimal('0.00'), Decimal('13'))
    """
    if not math.isfinite(float(value)):
        raise InputError(f"{value} is no amount of money", allowed="a finite number", do="correct it")
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return exact.quantize(Decimal(1).scaleb(-exponent(currency)), ROUND_HALF_UP)
