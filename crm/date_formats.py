"""Date format of a column, inferred once from all its values.

"03.04.2026" is the 3rd of April or the 4th of March; one value does not determine it. A column does: a
single "25.12.2026" in it fixes the order. If no value does, or if values show both orders, `choose_date_parser`
raises an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from itertools import product

from crm.converted_dates import refuse_converted_dates
from leadworth.errors import InputError
from leadworth.readers.date_notation import (
    DAY_OR_MONTH_FIRST,
    DAY_OR_YEAR_FIRST,
    MONTH_OF_TWO,
    DayOrder,
    month_words,
    visible,
)
from leadworth.readers.moment_reader import read_moment
from leadworth.readers.month_names import LOCALES, months
from leadworth.unreadable import Unreadable

Parse = Callable[[str, tzinfo], datetime | Unreadable | None]
_DAY_ORDERS = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%m.%d.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%d-%m-%y",
    "%m-%d-%y",
    "%y-%m-%d",
    "%y/%m/%d",
    "%y.%m.%d",
    "%y. %m. %d",
    "%y. %m. %d.",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y. %m. %d",
    "%Y. %m. %d.",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%Y-%m-%d",
)
_CLOCKS = (
    "",
    " %H:%M",
    " %H:%M:%S",
    " %H:%M:%S.%f",
    ", %H:%M",
    ", %H:%M:%S",
    " %I:%M %p",
    " %I:%M:%S %p",
    ", %I:%M %p",
    ", %I:%M:%S %p",
    " %H.%M",
    "T%H:%M:%S",
    " %H:%M:%S %z",
    " %H:%M:%S UTC",
    " %H:%M:%S GMT",
)
_FORMATS = (*(day + clock for day, clock in product(_DAY_ORDERS, _CLOCKS)), "%Y%m%d", "%Y%m%d%H%M%S")
"""Digits of a time follow those of a date only where both have fixed places: 20/08/2025 is not 2020-08-02 00:02:05."""
_DATE_LIKE = re.compile(r"(?=(?:.*\d){3})(?=.*\d\D+\w)[\w\s/.,:+\-()\[\]'’]{6,80}$")
_ORDERED = re.compile(r"(?<!\d)\d{1,2}\s?([/.\-])\s?\d{1,2}\s?\1\s?(?:\d{4}|\d{2})(?!\d)")
_CALENDAR_DIGITS = re.compile(r"(?:19|20)\d{6}(?:\d{4}|\d{6})?")
_YEARS = range(1970, 2101)
_LONGEST_SPAN_YEARS = 15
"""Years between the first and the last date of an export; more are days that were taken for years."""
_DOUBTFUL = (DAY_OR_MONTH_FIRST, DAY_OR_YEAR_FIRST, MONTH_OF_TWO)
_ENOUGH = 0.5
"""Share of the values that must be dates; the others are faults of their rows."""
_MIXED = 0.01
"""Share of the dates of a certain order from which on two orders are a fault of the column."""
_MOSTLY = 0.95
_PROBE = 200
_SAMPLE = 20_000
_INFERENCE_SAMPLE = 1_000


@dataclass(frozen=True)
class DateFormat:
    """Date format of a column.

    Attributes
    ----------
    format
        strptime format; None for ISO 8601.
    share
        Share of the values that it parses.
    other
        A second format that fits as well, with day and month or day and year exchanged.
    offset
        Every time has its own offset from UTC.
    order, language
        What decides values that cannot be read alone, where there is no format.
    """

    format: str | None
    share: float
    other: str | None = None
    offset: bool = False
    order: DayOrder | None = None
    language: str | None = None

    def read(self, value: str) -> datetime | Unreadable | None:
        """Return the moment of a value, with the reader of the column.

        Examples
        --------
        >>> DateFormat("%y-%m-%d", 1.0).read("24-06-12").date().isoformat()
        '2024-06-12'
        """
        if self.format is None:
            return read_moment(value, order=self.order, language=self.language)
        return _parse_format(self.format, value)


def infer_date_format(values: Sequence[str]) -> DateFormat | None:
    """Return the format that parses at least 95 % of the values, or None if they are not dates.

    Examples
    --------
    >>> infer_date_format(["31/01/2026", "02/03/2026"]).format, infer_date_format(["01/31/2026 4:05 PM"]).format
    ('%d/%m/%Y', '%m/%d/%Y %I:%M %p')
    >>> infer_date_format(["01/02/2026"]).other, infer_date_format(["2026-01-31T10:00:00Z"]).format
    ('%m/%d/%Y', None)
    >>> infer_date_format(["24-06-12", "26-08-30"]).format, infer_date_format(["31/01/2026", "2026-02-03"]).order
    ('%y-%m-%d', 'dmy')
    >>> infer_date_format(["12"]) is None
    True
    """
    distinct = list(dict.fromkeys(map(visible, values)))[:_INFERENCE_SAMPLE]
    if not distinct or sum(map(_is_date_like, distinct)) < _MOSTLY * len(distinct):
        return None
    iso = [moment for moment in map(_parse_iso, distinct) if moment]
    if len(iso) >= _MOSTLY * len(distinct):
        return DateFormat(None, len(iso) / len(distinct), offset=all(moment.tzinfo for moment in iso))
    likely = [form for form in _FORMATS if _parsed_share(form, distinct[:20], _YEARS)]
    shares = {form: _parsed_share(form, distinct, _YEARS) for form in likely}
    good = [form for form in likely if shares[form] >= _MOSTLY]
    if not good:
        return _infer_reader(distinct)
    by_year = next((form for form in good if form.startswith("%y")), None)
    by_day = next((form for form in good if "%y" in form and form != by_year), None)
    if by_year and by_day:
        plausible = [form for form in (by_day, by_year) if _has_plausible_years(form, distinct)]
        if plausible == [by_year]:
            return DateFormat(by_year, shares[by_year])
        if plausible != [by_day] and "-" in by_day:
            return DateFormat(by_day, shares[by_day], by_year)
        good = [form for form in good if not form.startswith("%y")]
    best = max(good, key=shares.__getitem__)
    swapped = swap_day_and_month(best)
    return DateFormat(best, shares[best], swapped if swapped in good else None)


def _has_plausible_years(form: str, values: Sequence[str]) -> bool:
    """Return whether the dates of an export are not of the future, and not of decades."""
    moments = [moment for moment in map(_parser(form), values) if moment is not None]
    soon = datetime.now(UTC) + timedelta(days=366)
    later = sum(moment.replace(tzinfo=UTC) > soon for moment in moments)
    years = {moment.year for moment in moments}
    return later <= _MIXED * len(moments) and max(years) - min(years) <= _LONGEST_SPAN_YEARS


def _infer_reader(distinct: Sequence[str]) -> DateFormat | None:
    """Return how dates in several notations are read, or None if the values are not dates."""
    try:
        order, _ = order_of("", "", distinct)
    except InputError:
        order = None
    language = _language_of(distinct)
    read = [read_moment(value, order=order, language=language) for value in distinct]
    share = sum(isinstance(moment, datetime) or moment in _DOUBTFUL for moment in read) / len(distinct)
    return DateFormat(None, share, order=order, language=language) if share >= _MOSTLY else None


def _is_date_like(value: str) -> bool:
    return _DATE_LIKE.match(value) is not None or _CALENDAR_DIGITS.fullmatch(value) is not None


def swap_day_and_month(form: str) -> str:
    """Return a strptime format with day and month exchanged.

    Examples
    --------
    >>> swap_day_and_month("%d/%m/%Y")
    '%m/%d/%Y'
    """
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def choose_date_parser(table: str, column: str, written: Sequence[object], date_format: str | None) -> Parse | None:
    """Return the date parser of a column; None if each of its values can be read alone.

    Parameters
    ----------
    table, column
        Names for the error message.
    written
        Distinct values of the column without missing ones.
    date_format
        strptime format of the settings; if given, no other format is accepted.

    Raises
    ------
    InputError
        If the order of day and month is ambiguous or differs between values, or the values are not dates.

    Examples
    --------
    >>> parse = choose_date_parser("leads.csv", "Created", ["03.04.2026", "25.12.2026"], None)
    >>> parse("03.04.2026", UTC).date().isoformat()
    '2026-04-03'
    """
    if date_format is not None:
        return partial(_parse_format, date_format)
    sample = [visible(value) for value in written if isinstance(value, str)]
    sample = sample[:: max(len(sample) // _SAMPLE, 1)]
    if not sample:
        return None
    order, undecided = order_of(table, column, sample)
    language = _language_of(sample)
    probe = sample[:: max(len(sample) // _INFERENCE_SAMPLE, 1)]
    read = [read_moment(value, order=order, language=language) for value in probe]
    readable = sum(not isinstance(moment, Unreadable) or moment is DAY_OR_MONTH_FIRST for moment in read)
    if readable < _ENOUGH * len(probe):
        raise InputError(
            f"column {column!r} of {table} holds no dates that can be read: {sample[0]!r}",
            allowed="ISO 8601, day/month/year and the like, days of a spreadsheet, seconds since 1970",
            do="name another column, or set date_format",
        )
    if order is None and undecided is not None:
        first, second = _two_formats(sample)
        raise InputError(
            f"column {column!r} of {table} does not show whether the day or the month comes first: {undecided!r}",
            allowed=f'date_format = "{first}" or "{second}"',
            do="set date_format in the same section of leadworth.toml as `path`",
        )
    if order is None and language is None:
        return None
    return partial(read_moment, order=order, language=language)


def _language_of(sample: Sequence[str]) -> str | None:
    """Return a language of the names of months, if some differ between languages and the others decide."""
    if all(read_moment(value) is not MONTH_OF_TWO for value in sample[:: max(len(sample) // _PROBE, 1)]):
        return None
    names = set().union(*map(month_words, sample[:_INFERENCE_SAMPLE]))
    languages = [language for language in LOCALES if names <= months(language).keys()]
    meanings = {tuple(months(language)[name] for name in sorted(names)) for language in languages}
    return languages[0] if len(meanings) == 1 else None


def order_of(table: str, column: str, sample: Sequence[str]) -> tuple[DayOrder | None, str | None]:
    """Return the order of day and month that values show, and a value that can be read both ways.

    Raises
    ------
    InputError
        If values show both orders.
    """
    day_first: list[str] = []
    month_first: list[str] = []
    undecided: str | None = None
    for value in filter(_ORDERED.search, sample):
        by_day = read_moment(value, order="dmy")
        by_month = read_moment(value, order="mdy")
        if isinstance(by_day, datetime) and isinstance(by_month, datetime):
            undecided = value if by_day != by_month else undecided
        elif isinstance(by_day, datetime):
            day_first.append(value)
        elif isinstance(by_month, datetime):
            month_first.append(value)
    if min(len(day_first), len(month_first)) > _MIXED * (len(day_first) + len(month_first)):
        form = _two_formats(day_first)[0]
        raise InputError(
            f"column {column!r} of {table} mixes two date orders: {day_first[0]!r} begins with the day "
            f"({len(day_first):,} such values), {month_first[0]!r} with the month ({len(month_first):,})",
            allowed="one order in a column",
            do="export it with one order, best as 2024-12-31; if all are meant in one order, set "
            f'date_format = "{form}" or "{swap_day_and_month(form)}"',
        )
    if undecided is None:
        others = [value for value in sample if not _ORDERED.search(value)]
        refuse_converted_dates(table, column, others, day_first or month_first)
    _check_years(table, column, sample)
    if not day_first and not month_first:
        return None, undecided
    return ("dmy" if len(day_first) > len(month_first) else "mdy"), undecided


def _check_years(table: str, column: str, sample: Sequence[str]) -> None:
    """Check that dates such as 24-12-25 can begin with the day only.

    Raises
    ------
    InputError
        If they may begin with the year.
    """
    short = (value for value in sample if not value.lstrip()[:4].isdigit())
    doubtful = [value for value in short if read_moment(value) is DAY_OR_YEAR_FIRST]
    if not doubtful:
        return
    soon = datetime.now(UTC) + timedelta(days=366)
    by_year = [read_moment(f"20{value}") for value in sample if _ORDERED.match(value)]
    if sum(isinstance(moment, datetime) and moment <= soon for moment in by_year) >= _MOSTLY * len(by_year):
        raise InputError(
            f"column {column!r} of {table} does not show whether the day or the year comes first: {doubtful[0]!r}",
            allowed='date_format = "%d-%m-%y" or "%y-%m-%d" and the like',
            do="set date_format in the same section of leadworth.toml as `path`",
        )


def _two_formats(sample: Sequence[str]) -> tuple[str, str]:
    """Return the format of dates with the day or the month first, and the one with the two exchanged."""
    formats = _best_formats(list(sample)) or ["%d/%m/%Y"]
    return formats[0], swap_day_and_month(formats[0])


def are_dates(sample: Sequence[str]) -> bool:
    """Return whether text values are dates in a supported format.

    Examples
    --------
    >>> are_dates(["03.04.2026", "25.12.2026"]), are_dates(["3.4", "25.1"])
    (True, False)
    """
    probe = list(sample[:: max(len(sample) // _PROBE, 1)])
    read = [read_moment(value) for value in probe]
    dates = sum(isinstance(moment, datetime) or moment in _DOUBTFUL for moment in read)
    return dates >= _MOSTLY * len(probe)


def _best_formats(sample: list[str]) -> list[str]:
    """Return the formats that parse the most values, and at least half of them."""
    probe = sample[:: max(len(sample) // _PROBE, 1)]
    likely = [form for form in _FORMATS if _parsed_share(form, probe) >= _ENOUGH / 2]
    shares = {form: _parsed_share(form, sample) for form in likely}
    best = max(shares.values(), default=0)
    return [form for form, share in shares.items() if share == best and share >= _ENOUGH]


def _parsed_share(form: str, sample: Sequence[str], years: range | None = None) -> float:
    parse = _parser(form)
    moments = [moment for moment in map(parse, sample) if moment is not None]
    return sum(years is None or moment.year in years for moment in moments) / max(len(sample), 1)


def _parse_format(form: str, value: str, zone: tzinfo = UTC) -> datetime | Unreadable | None:
    """Return the moment of a value in a strptime format."""
    moment = _parser(form)(visible(value))
    return Unreadable(f"not in date_format {form}") if moment is None else read_moment(moment, zone)


def _parser(form: str) -> Callable[[str], datetime | None]:
    utc = form.endswith(("UTC", "GMT"))

    def parse(value: str) -> datetime | None:
        try:
            moment = datetime.strptime(value, form)
        except ValueError:
            return None
        return moment.replace(tzinfo=UTC) if utc else moment

    return parse


def _parse_iso(value: str) -> datetime | None:
    if "-" not in value:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
