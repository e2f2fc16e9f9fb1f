"""Reader of amounts of money: exact, or unreadable."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, Literal

from leadworth.readers.number_notation import NOT_A_NUMBER, Mark, parse_notation, plain_spelling
from leadworth.readers.placeholders import VALUE_PLACEHOLDERS
from leadworth.readers.text_reader import LONGEST_VALUE, read_text
from leadworth.unreadable import Unreadable

ColumnMark = Mark | Literal["unclear"] | None
"""Decimal mark of a column; "unclear" where its amounts contradict each other, None where it is not known."""

LARGEST_AMOUNT = 1e15
"""An amount from here on is a number of another kind, such as an id."""

EITHER_MARK = Unreadable("a point or comma before three digits: thousands or decimals; set `decimal`")
_TOO_LARGE = Unreadable("larger than any amount of money")
_NOT_MONEY = Unreadable("not an amount of money")
_LOST_DIGITS = Unreadable("digits are lost to the scientific notation of a spreadsheet")


def read_money(value: Any, decimal: ColumnMark = None) -> float | Unreadable | None:
    """Return an amount of money without its currency.

    A range, a percentage, an approximate amount and an amount with lost digits are unreadable; so is "1.234", unless
    the decimal mark is given, and "1,234" where it is unclear.

    Parameters
    ----------
    value
        Of any type.
    decimal
        Decimal mark of the file or column.

    Examples
    --------
    >>> read_money("$12K"), read_money("₹1,25,000"), read_money("12’500.00"), read_money("(500.00)"), read_money("−500")
    (12000.0, 125000.0, 12500.0, -500.0, -500.0)
    >>> read_money("5-10k").reason, read_money("1.234", ","), read_money("(not set)")
    ('not an amount of money', 1234.0, None)
    >>> read_money("1,234"), read_money("1,234", "unclear") is EITHER_MARK
    (1234.0, True)
    """
    if isinstance(value, bool):
        return _NOT_MONEY
    if isinstance(value, (int, float, Decimal)):
        return _typed(value)
    written = read_text(value)
    if written is None or written in VALUE_PLACEHOLDERS:
        return None
    spelled = plain_spelling(written) if len(written) <= LONGEST_VALUE else None
    mark = None if decimal == "unclear" else decimal
    number = NOT_A_NUMBER if spelled is None else parse_notation(spelled, mark)
    if isinstance(number, Unreadable):
        return _NOT_MONEY if number is NOT_A_NUMBER else number
    if number.parts & {"percent", "unit", "about"}:
        return _NOT_MONEY
    if number.either_way == "." or (number.either_way and decimal == "unclear"):
        return EITHER_MARK
    if number.scientific:
        return _LOST_DIGITS
    return number.value if abs(number.value) < LARGEST_AMOUNT else _TOO_LARGE


def _typed(value: float | Decimal) -> float | Unreadable | None:
    try:
        amount = float(value)
    except (OverflowError, ValueError):
        return _TOO_LARGE
    if math.isnan(amount):
        return None
    return amount if abs(amount) < LARGEST_AMOUNT else _TOO_LARGE
