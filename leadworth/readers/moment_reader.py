"""Reader of dates and times: text in any usual notation, numbers of spreadsheets, databases and programs."""

from __future__ import annotations

import math
import re
import time
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any

from leadworth.errors import InputError
from leadworth.readers.date_notation import DayOrder, parse_date_text, visible
from leadworth.readers.placeholders import VALUE_PLACEHOLDERS
from leadworth.readers.text_reader import LONGEST_VALUE, read_text
from leadworth.unreadable import Unreadable

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No lead is older; an earlier moment is a value of another kind, or an error."""
YEARS_AHEAD = 10
"""A close date may be planned, but no later than this many years from now."""
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXCEL_EPOCH = datetime(1899, 12, 30)

IMPLAUSIBLE = Unreadable(f"a date before {EARLIEST.year} or more than {YEARS_AHEAD} years ahead")
NOT_A_MOMENT = Unreadable("not a date")
_NO_DATE = frozenset(
    (
        (1, 1, 1),
        (1753, 1, 1),
        (1899, 12, 30),
        (1899, 12, 31),
        (1900, 1, 1),
        (1970, 1, 1),
        (9999, 12, 31),
        (2999, 12, 31),
        (2099, 12, 31),
    )
)
"""Dates that databases and programs write for no date."""
_ZERO_DATE = re.compile(
    r"(?:0000([-/.])00\1(?:00)|00([-/.])00\2(?:00)?00|00?([-/.])0?1\3(?:19)?00|0?1([-/.])00?\4(?:19)?00|1900([-/.])0?1\5(?:00))"
    r"(?:[T ]0?0:00(?::00)?(?:\.0+)?|,? 12:00(?::00)? AM)?"
)
"""Zeros of databases and SAP, and day 0 of a spreadsheet: the 0th of January 1900."""
_HOUR_AND_POINT = re.compile(r"[T ][0-9]{2}\.[0-9]")
"""ISO 8601 has decimals of an hour; people write 10.15 for a quarter past ten."""
_TICKS_OF_1970 = 621_355_968_000_000_000
_TICKS = range(630_822_816_000_000_000, 662_380_416_000_000_000)
"""Ticks of .NET since year 1, of 2000 to 2100; as nanoseconds since 1970 they would be of 1990."""
_NOT_CLOSED = frozenset(
    (
        *("not closed", "not yet closed", "не закрыта", "не закрыто", "не закрыт", "не закрита", "no cerrado"),
        *("no cerrada", "não fechado", "não fechada", "nicht geschlossen", "non chiuso", "non chiusa", "non fermé"),
        "non clôturé",
    )
)
"""What CRMs write for the date of something that has not happened, such as amoCRM for an open deal."""
_FORMULA = re.compile(r'^="([^"]*)"$')
_DIGITS = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_DOT_NET = re.compile(r"\\?/Date\((-?[0-9]{1,20})(?:[+-][0-9]{4})?\)\\?/")
_THIS_YEAR = time.gmtime().tm_year
_SECONDS_A_DAY = 86_400
_UNITS = ((1e8, 1e0), (1e11, 1e3), (1e14, 1e6), (1e17, 1e9))
"""Smallest number of a unit of Unix time, and its number of units in a second."""


def read_moment(
    value: Any, zone: tzinfo = UTC, order: DayOrder | None = None, language: str | None = None
) -> datetime | Unreadable | None:
    """Return the time in a value as an aware UTC datetime.

    Numbers are read by their plausible range: 20240604, 2024060410, 20240604101500, days of a spreadsheet (45447.5),
    days, seconds, milli-, micro- and nanoseconds since 1970, ticks of .NET since year 1; digits that begin with a zero,
    such as 040624, are none of these. A date that may begin with the day or the month is unreadable unless `order` is
    given; so is a moment outside of a plausible range.

    Parameters
    ----------
    value
        Of any type.
    zone
        Zone of a time without an offset.
    order
        "dmy" or "mdy" for dates such as 03/04/2024.
    language
        Locale of names of months that differ between languages, such as "pl".

    Examples
    --------
    >>> read_moment("2026-03-01T10:00:00+01:00").isoformat(), read_moment(20240604).isoformat()
    ('2026-03-01T09:00:00+00:00', '2024-06-04T00:00:00+00:00')
    >>> read_moment("4 juin 2024").date().isoformat(), read_moment(45447.5).isoformat()
    ('2024-06-04', '2024-06-04T12:00:00+00:00')
    >>> read_moment("03/04/2024").reason, read_moment("03/04/2024", order="dmy").day, read_moment("soon").reason
    ('day or month first', 3, 'not a date')
    """
    if isinstance(value, str):
        return _of_text(value, zone, order, language)
    if value is None:
        return None
    if isinstance(value, datetime):
        return _plausible(value, zone)
    if isinstance(value, date):
        return _plausible(datetime(value.year, value.month, value.day), zone)
    if isinstance(value, bool):
        return NOT_A_MOMENT
    if isinstance(value, (int, float, Decimal)):
        return _of_number(value, zone)
    written = read_text(value)
    return None if written is None else _of_text(written, zone, order, language)


def read_as_of(written: str | datetime | None, zone: tzinfo) -> datetime | None:
    """Return the moment of an option of the command; None where it is left out.

    Raises
    ------
    InputError
        Where it cannot be read.
    """
    moment = read_moment(written, zone)
    if isinstance(moment, Unreadable) or (moment is None and written is not None):
        raise InputError(f"--as-of {str(written)!r} is no time", allowed="ISO 8601", do="write e.g. 2026-03-01T18:00")
    return moment


def latest() -> datetime:
    """Return the last plausible moment."""
    return _latest(int(time.time() // _SECONDS_A_DAY))


@lru_cache(maxsize=2)
def _latest(day: int) -> datetime:
    return datetime.fromtimestamp(day * _SECONDS_A_DAY, UTC) + timedelta(days=366 * YEARS_AHEAD)


def _plausible(moment: datetime, zone: tzinfo) -> datetime | Unreadable | None:
    """Return a moment in UTC; unreadable out of range, None for a date that means no date."""
    if moment != moment:  # noqa: PLR0124 - NaT of pandas is not equal to itself
        return None
    try:
        aware = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        aware = None
    if aware == UNIX_EPOCH:
        return None
    if aware is not None and (EARLIEST.year < aware.year < _THIS_YEAR or EARLIEST <= aware <= latest()):
        return aware
    midnight = moment.hour == moment.minute == 0 or moment.year == 9999
    return None if midnight and (moment.year, moment.month, moment.day) in _NO_DATE else IMPLAUSIBLE


def _of_text(value: str, zone: tzinfo, order: DayOrder | None, language: str | None) -> datetime | Unreadable | None:
    written = value.strip()
    if len(written) > LONGEST_VALUE:
        return NOT_A_MOMENT
    try:
        if not written.isdigit() and not _HOUR_AND_POINT.search(written):
            return _plausible(datetime.fromisoformat(written), zone)
    except ValueError:
        pass
    text = read_text(value)
    text = text if text is None else _FORMULA.sub(r"\1", visible(text))
    if text is None or text in VALUE_PLACEHOLDERS or _ZERO_DATE.fullmatch(text) or text.casefold() in _NOT_CLOSED:
        return None
    if _DIGITS.fullmatch(text):
        if text.startswith("0") and text.strip("0.,"):
            return NOT_A_MOMENT
        return _of_number(float(text.replace(",", ".")) if not text.isdigit() else int(text), zone)
    dot_net = _DOT_NET.fullmatch(text)
    if dot_net is not None:
        return _since_1970(int(dot_net[1]) / 1000)
    parsed = parse_date_text(text, order, language)
    if parsed is None:
        return NOT_A_MOMENT
    return parsed if isinstance(parsed, Unreadable) else _plausible(parsed, zone)


def _of_number(number: float | Decimal, zone: tzinfo) -> datetime | Unreadable | None:
    """Return the moment of a number, by the range of each unit.

    No two ranges overlap, except those of hours such as 2024060410 and of seconds in the years from 2033 on.
    """
    if not isinstance(number, int) and not math.isfinite(number):
        return None if math.isnan(number) else NOT_A_MOMENT
    if number == 0:
        return None
    if not 0 < number < 1e20:
        return IMPLAUSIBLE
    if number >= _TICKS.start and int(number) in _TICKS:
        return _since_1970((int(number) - _TICKS_OF_1970) / 1e7)
    for smallest, unit in reversed(_UNITS):
        if number >= smallest:
            moment = _since_1970(float(number) / unit) if unit < 1e9 else _since_1970(int(number) // 10**6 / 1e3)
            if isinstance(moment, datetime):
                late = unit == 1.0 and moment.year > _THIS_YEAR and number == int(number)
                hours = _of_calendar_digits(str(int(number))) if late else None
                return moment if hours is None else _plausible(hours, zone)
            break
    if number == int(number):
        calendar = _of_calendar_digits(str(int(number)))
        if calendar is not None:
            return _plausible(calendar, zone)
    return _of_days(float(number), zone)


def _since_1970(seconds: float) -> datetime | Unreadable | None:
    try:
        return _plausible(datetime.fromtimestamp(seconds, UTC), UTC)
    except (OverflowError, ValueError, OSError):
        return IMPLAUSIBLE


def _of_calendar_digits(digits: str) -> datetime | None:
    """Return the moment of yyyymmdd, yyyymmddHH, yyyymmddHHMM, yyyymmddHHMMSS or yyyymmddHHMMSSfff."""
    form = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%f"}.get(len(digits))
    if form is None:
        return None
    try:
        return datetime.strptime(digits, form)
    except ValueError:
        return None


def _of_days(number: float, zone: tzinfo) -> datetime | Unreadable | None:
    """Return the moment of days of a spreadsheet, or of days since 1970: later days of these are not plausible."""
    if number >= 1e6:
        return IMPLAUSIBLE
    for epoch in (EXCEL_EPOCH, datetime(1970, 1, 1)):
        moment = _plausible(epoch + timedelta(seconds=round(number * _SECONDS_A_DAY)), zone)
        if isinstance(moment, datetime):
            return moment
    return IMPLAUSIBLE
