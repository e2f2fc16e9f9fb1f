"""Values of the rows that sources answer with; a value that cannot be read sets its row aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from leadworth.errors import InputError
from reporting.imports.country_codes import country_code
from reporting.imports.import_rows import ImportRow

_NO_COUNTRY = frozenset({"ZZ", "XX"})


class UnreadableValueError(InputError):
    """A value of an answer that cannot be read; its row is set aside."""


@dataclass
class CollectedRows:
    """Rows that were built from the records of an answer.

    Attributes
    ----------
    rows
        Rows that were built.
    aside
        Position and reason of each record that was not.
    """

    rows: list[ImportRow] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Records in: those built and those set aside."""
        return len(self.rows) + len(self.aside)

    def add(self, records: Iterable[Any], build: Callable[[Any], ImportRow]) -> None:
        """Build a row from each record, or set the record aside."""
        for record in records:
            try:
                self.rows.append(build(record))
            except KeyError as error:
                self.aside.append(f"row {self.read + 1}: no field {error}")
            except UnreadableValueError as error:
                self.aside.append(f"row {self.read + 1}: {error}")


def read_money(value: object) -> Decimal:
    """Return an amount of money of an answer: a number, or text with a decimal point.

    Raises
    ------
    UnreadableValueError
        Where it is not a finite number.

    Examples
    --------
    >>> read_money("5339.5"), read_money(12), read_money("-0.10")
    (Decimal('5339.5'), Decimal('12'), Decimal('-0.10'))
    """
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        raise UnreadableValueError("the cost is not a number") from None
    if isinstance(value, bool) or not amount.is_finite():
        raise UnreadableValueError("the cost is not a number")
    return amount


def read_count(value: object) -> int:
    """Return a count of an answer: a whole number, or text of one.

    Raises
    ------
    UnreadableValueError
        Where it is not a whole number of at least 0.

    Examples
    --------
    >>> read_count("1200"), read_count(3), read_count("4.0")
    (1200, 3, 4)
    """
    number = read_money(value) if value is not None else None
    if number is None or number < 0 or number != number.to_integral_value():
        raise UnreadableValueError("a count is not a whole number")
    return int(number)


def read_optional_count(value: object) -> int | None:
    """Return a count, and None where the source has none.

    Examples
    --------
    >>> read_optional_count(None), read_optional_count("")
    (None, None)
    """
    return None if value is None or value == "" else read_count(value)


def read_day(text: object, pattern: str = "%Y-%m-%d") -> date:
    """Return the day of a text.

    Raises
    ------
    UnreadableValueError
        Where it does not have the pattern.

    Examples
    --------
    >>> read_day("2026-11-03"), read_day("20261103", "%Y%m%d")
    (datetime.date(2026, 11, 3), datetime.date(2026, 11, 3))
    """
    try:
        return datetime.strptime(str(text), pattern).date()
    except ValueError:
        raise UnreadableValueError("the day cannot be read") from None


def read_country(text: str | None) -> str:
    """Return a country as ISO 3166-1 alpha-2, from two or three letters; empty where the source does not say.

    Examples
    --------
    >>> read_country("de"), read_country("ita"), read_country("unknown"), read_country("zzz"), read_country(None)
    ('DE', 'IT', '', '', '')
    """
    code = country_code(text or "")
    return "" if code in _NO_COUNTRY else code


def days_of(first: date, last: date) -> Iterator[date]:
    """Yield the days from `first` to `last`.

    Examples
    --------
    >>> [str(day) for day in days_of(date(2026, 2, 28), date(2026, 3, 1))]
    ['2026-02-28', '2026-03-01']
    """
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
