"""Notation of a file: decimal mark, order of day and month, and currency, each decided once for the whole file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache

from crm.date_formats import choose_date_parser, order_of
from crm.inference.column_profile import decimal_evidence
from crm.inference.header_vocabulary import tokens
from leadworth.errors import InputError
from leadworth.money import is_currency
from leadworth.readers.date_notation import DAY_OR_MONTH_FIRST, DayOrder
from leadworth.readers.moment_reader import read_moment
from leadworth.readers.number_notation import Mark
from leadworth.unreadable import Unreadable
from reporting.imports.undecided import UndecidedError

ReadDay = Callable[[object], date | Unreadable | None]
_EITHER = re.compile(r"(?<![\d.,])[1-9]\d{0,2}[.,]\d{3}(?![\d.,])")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}([.,])\d{3}(?![\d.,])")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?![\d])")
_RANGE = re.compile(r"(?P<first>\S.*?)\s(?:-|–|—|to|al|bis|au|~)\s(?P<last>.*\S)")
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
_DAY_FIRST = re.compile(
    r"\b(giorno|tag|jour|día|dia|день|campagna|kampagne|campagne|campaña|campanha|кампани)", re.IGNORECASE
)
_DIGITS = re.compile(r"\d")


def decimal_mark(name: str, money: Sequence[object], counts: Sequence[object]) -> Mark | None:
    """Return the decimal mark of a file; None where no number has one.

    A mark that is followed by other than three digits anywhere is decimal. In a column of counts a mark before three
    digits separates thousands, so that the other one is decimal.

    Parameters
    ----------
    money, counts
        Cells of the columns.

    Raises
    ------
    InputError
        Where the file shows both marks, or only numbers such as "1.234" that can be read both ways.

    Examples
    --------
    >>> decimal_mark("a.csv", ["1.234", "12,50"], []), decimal_mark("a.csv", ["1.234"], ["12.345"])
    (',', ',')
    """
    amounts = [cell for cell in money if isinstance(cell, str)]
    whole = [match[1] for cell in counts if isinstance(cell, str) and (match := _THOUSANDS.search(cell))]
    comma, point = decimal_evidence(amounts)
    comma += whole.count(".")
    point += whole.count(",")
    if comma and point:
        raise _undecided(name, "shows both a decimal comma and a decimal point")
    if comma or point:
        return "," if comma else "."
    either = next((cell for cell in amounts if _EITHER.search(cell)), None)
    if either is not None:
        raise _undecided(name, f"has amounts such as {either!r} only, which can be read both ways")
    return None


def _undecided(name: str, what: str) -> UndecidedError:
    return UndecidedError(f"{name} {what}", "decimal", ", or .")


def day_reader(name: str, column: str, cells: Iterable[object], headers: Sequence[str], given: str | None) -> ReadDay:
    """Return a reader of the days of a column.

    Parameters
    ----------
    cells
        Of the column.
    headers
        Of the file: their language decides where no day is after the 12th.
    given
        strptime format, "dmy" or "mdy" of the user; None to infer it.

    Raises
    ------
    InputError
        Where it is undecidable whether day or month come first, both orders are written, or cells are ranges.
    """
    written = list(dict.fromkeys(str(cell).strip() for cell in cells if isinstance(cell, str) and _DIGITS.search(cell)))
    _refuse_ranges(name, written)
    if given is not None and "%" in given:
        parse = choose_date_parser(name, column, written, given)
        return _cached(parse) if parse is not None else _cached(read_moment)
    order = _order(name, column, written, headers, given)
    return _cached(lambda cell: read_moment(cell, order=order))


def _order(
    name: str, column: str, written: Sequence[str], headers: Sequence[str], given: str | None
) -> DayOrder | None:
    if given is not None:
        if given not in {"dmy", "mdy"}:
            raise InputError(f"--date-format {given!r}", allowed="dmy, mdy, or a strptime format", do="correct it")
        return "dmy" if given == "dmy" else "mdy"
    order, undecided = order_of(name, column, written)
    if order is not None or undecided is None:
        return order
    if any(read_moment(value) is DAY_OR_MONTH_FIRST for value in written):
        if any(_DAY_FIRST.search(header) for header in headers):
            return "dmy"
        raise UndecidedError(
            f"column {column!r} of {name} does not show whether the day or the month comes first: {undecided!r}",
            "date-format",
            "dmy or mdy",
        )
    return None


def _refuse_ranges(name: str, written: Sequence[str]) -> None:
    for value in written[:20]:
        match = _RANGE.fullmatch(value)
        ends = [read_moment(match[end], order="dmy") for end in ("first", "last")] if match else []
        if ends and all(isinstance(end, datetime) for end in ends):
            raise range_refusal(name, value)


def range_refusal(name: str, value: str) -> InputError:
    """Return the refusal of a row that covers several days."""
    return InputError(
        f"{name} has rows of several days: {value}",
        allowed="one row for each day",
        do="break the report down by day, and export it again; a sum is never spread over its days",
    )


def _cached(parse: Callable[..., datetime | Unreadable | None]) -> ReadDay:
    @cache
    def read(cell: object) -> date | Unreadable | None:
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        if isinstance(cell, str) and _ISO_DAY.match(cell.strip()):
            try:  # an offset in the text must not shift the day
                return date.fromisoformat(cell.strip()[:10])
            except ValueError:
                return Unreadable("not a date")
        moment = parse(cell)
        return moment.date() if isinstance(moment, datetime) else moment

    return read


def currencies_in(headers: Sequence[str], cells: Sequence[object]) -> list[str]:
    """Return the currencies that headers name, or else those that codes and symbols of amounts name.

    Examples
    --------
    >>> currencies_in(["Amount spent (EUR)"], []), currencies_in(["Cost"], ["€12.50", "£3"])
    (['EUR'], ['EUR', 'GBP'])
    """
    codes = sorted({code for header in headers for code in _CODE.findall(header) if is_currency(code)})
    if codes:
        return codes
    found: set[str] = set()
    symbols = sorted(tokens().currencies, key=len, reverse=True)
    for cell in dict.fromkeys(str(cell) for cell in cells if isinstance(cell, str)):
        named = [code for code in _CODE.findall(cell) if is_currency(code)]
        symbol = next((symbol for symbol in symbols if symbol in cell), None)
        if named:
            found.add(named[0])
        elif symbol is not None and len(tokens().currencies[symbol]) == 1:
            found.add(tokens().currencies[symbol][0])
    return sorted(found)
