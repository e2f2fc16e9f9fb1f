"""Date format of a column, inferred once from all its values.

"03.04.2026" is the 3rd of April or the 4th of March; one value does not determine it. A column does: a
single "25.12.2026" in it fixes the order. If no value does, `choose_date_parser` raises an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

from leadworth import values
from leadworth.errors import InputError

Parse = Callable[[str], datetime | None]
_EPOCH = re.compile(r"\d{10}(\d{3})?")
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
    "%Y%m%d",
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
    "%H%M%S",
    "T%H:%M:%S",
    " %H:%M:%S %z",
    " %H:%M:%S UTC",
    " %H:%M:%S GMT",
)
_FORMATS = tuple(day + clock for day, clock in product(_DAY_ORDERS, _CLOCKS))
_DATE_LIKE = re.compile(r"(?=(?:.*\d){3})(?=.*\d\D+\w)[\w\s/.,:+\-]{6,40}$")
_YEARS = range(1970, 2101)
_ENOUGH = 0.5
"""Share of the values that a format must parse; the others are faults of their rows."""
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
        A second format that fits as well, with day and month exchanged.
    offset
        Every time has its own offset from UTC.
    """

    format: str | None
    share: float
    other: str | None = None
    offset: bool = False


def infer_date_format(values: Sequence[str]) -> DateFormat | None:
    """Return the format that parses at least 95 % of the values, or None if they are not dates.

    Examples
    --------
    >>> infer_date_format(["31/01/2026", "02/03/2026"]).format, infer_date_format(["01/31/2026 4:05 PM"]).format
    ('%d/%m/%Y', '%m/%d/%Y %I:%M %p')
    >>> infer_date_format(["01/02/2026"]).other, infer_date_format(["2026-01-31T10:00:00Z"]).format
    ('%m/%d/%Y', None)
    >>> infer_date_format(["12"]) is None
    True
    """
    distinct = list(dict.fromkeys(values))[:_INFERENCE_SAMPLE]
    if not distinct or sum(bool(_DATE_LIKE.match(value)) for value in distinct) < _MOSTLY * len(distinct):
        return None
    iso = [moment for moment in map(_parse_iso, distinct) if moment]
    if len(iso) >= _MOSTLY * len(distinct):
        return DateFormat(None, len(iso) / len(distinct), offset=all(moment.tzinfo for moment in iso))
    likely = [form for form in _FORMATS if _parsed_share(form, distinct[:20], _YEARS)]
    shares = {form: _parsed_share(form, distinct, _YEARS) for form in likely}
    good = [form for form in likely if shares[form] >= _MOSTLY]
    if not good:
        return None
    best = max(good, key=shares.__getitem__)
    swapped = swap_day_and_month(best)
    return DateFormat(best, shares[best], swapped if swapped in good else None)


def swap_day_and_month(form: str) -> str:
    """Return a strptime format with day and month exchanged.

    Examples
    --------
    >>> swap_day_and_month("%d/%m/%Y")
    '%m/%d/%Y'
    """
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def choose_date_parser(table: str, column: str, written: Sequence[object], date_format: str | None) -> Parse | None:
    """Return the date parser of a column; None if its values are ISO 8601 or typed.

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
        If the order of day and month is ambiguous, or the values are not dates.

    Examples
    --------
    >>> parse = choose_date_parser("leads.csv", "Created", ["03.04.2026", "25.12.2026"], None)
    >>> parse("03.04.2026").date().isoformat()
    '2026-04-03'
    """
    if date_format is not None:
        return _parser(date_format)
    sample = [value for value in written if isinstance(value, str)]
    sample = sample[:: max(len(sample) // _SAMPLE, 1)]
    if not sample:
        return None
    if sum(_EPOCH.fullmatch(value) is not None for value in sample) >= 0.9 * len(sample):
        return _parse_epoch
    if sum(values.moment(value) is not None for value in sample) >= _ENOUGH * len(sample):
        return None
    formats = _best_formats(sample)
    if not formats:
        raise InputError(
            f"column {column!r} of {table} holds no dates that can be read: {sample[0]!r}",
            allowed="ISO 8601, day/month/year and the like, seconds since 1970",
            do="name another column, or set date_format",
        )
    chosen = formats[0]
    rivals = [rival for rival in formats[1:] if _differ(chosen, rival, sample)]
    if rivals:
        raise InputError(
            f"column {column!r} of {table} does not show whether the day or the month comes first: {sample[0]!r}",
            allowed=f'date_format = "{chosen}" or "{rivals[0]}"',
            do="set date_format in the same section of leadworth.toml as `path`",
        )
    return _parser(chosen)


def are_dates(sample: Sequence[str]) -> bool:
    """Return whether text values are dates in a supported format.

    Examples
    --------
    >>> are_dates(["03.04.2026", "25.12.2026"]), are_dates(["3.4", "25.1"])
    (True, False)
    """
    probe = list(sample[:: max(len(sample) // _PROBE, 1)])
    iso = sum(values.moment(value) is not None for value in probe)
    return iso >= _MOSTLY * len(probe) or any(_parsed_share(form, probe) >= _MOSTLY for form in _FORMATS)


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


def _differ(first: str, second: str, sample: list[str]) -> bool:
    parse_first = _parser(first)
    parse_second = _parser(second)
    return any(parse_first(value) != parse_second(value) for value in sample)


def _parser(form: str) -> Parse:
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


def _parse_epoch(value: str) -> datetime | None:
    return values.moment(float(value), UTC) if _EPOCH.fullmatch(value) else None
