"""The notation of a column of dates, settled once for the whole column and never value by value.

"03.04.2026" is the 3rd of April or the 4th of March; one value cannot say. The column can: a single
"25.12.2026" in it settles the order. Where nothing does, the user is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import product

from leadworth import values
from leadworth.errors import InputError

Parse = Callable[[str], datetime | None]
_EPOCH = re.compile(r"\d{10}(\d{3})?")
_DAY_ORDERS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y",
    "%d-%m-%y", "%m-%d-%y", "%Y/%m/%d", "%Y.%m.%d", "%Y. %m. %d", "%Y. %m. %d.", "%d %b %Y", "%d %B %Y", "%d-%b-%Y",
    "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%Y%m%d", "%Y-%m-%d",
)  # fmt: skip
_CLOCKS = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", ", %H:%M", ", %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %I:%M %p",
    ", %I:%M:%S %p", " %H.%M", "%H%M%S", "T%H:%M:%S", " %H:%M:%S %z", " %H:%M:%S UTC", " %H:%M:%S GMT",
)  # fmt: skip
_ENOUGH = 0.5
"""Share of the written values that a notation must read; the rest are faults of their rows."""
_MOSTLY = 0.95
_PROBE = 200
_SAMPLE = 20_000


def settle(table: str, column: str, written: Sequence[object], date_format: str | None) -> Parse | None:
    """Return how the dates of a column are read; None where they are ISO 8601 or typed.

    Parameters
    ----------
    table, column
        For the message.
    written
        Distinct values of the column, missing ones left out.
    date_format
        strptime format of the settings; it wins, and nothing else is then accepted.

    Raises
    ------
    InputError
        Where the values do not say whether the day or the month comes first, or are no dates.

    Examples
    --------
    >>> parse = settle("leads.csv", "Created", ["03.04.2026", "25.12.2026"], None)
    >>> parse("03.04.2026").date().isoformat()
    '2026-04-03'
    """
    if date_format is not None:
        return _reader(date_format)
    sample = [value for value in written if isinstance(value, str)]
    sample = sample[:: max(len(sample) // _SAMPLE, 1)]
    if not sample:
        return None
    if sum(_EPOCH.fullmatch(value) is not None for value in sample) >= 0.9 * len(sample):
        return _epoch
    if sum(values.moment(value) is not None for value in sample) >= _ENOUGH * len(sample):
        return None
    formats = _candidates(sample)
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
            f"column {column!r} of {table} does not say whether the day or the month comes first: {sample[0]!r}",
            allowed=f'date_format = "{chosen}" or "{rivals[0]}"',
            do="set date_format beside `path` in leadworth.toml",
        )
    return _reader(chosen)


def are_dates(sample: Sequence[str]) -> bool:
    """Tell whether text values are dates in some notation.

    Examples
    --------
    >>> are_dates(["03.04.2026", "25.12.2026"]), are_dates(["3.4", "25.1"])
    (True, False)
    """
    probe = list(sample[:: max(len(sample) // _PROBE, 1)])
    iso = sum(values.moment(value) is not None for value in probe)
    return iso >= _MOSTLY * len(probe) or any(_read(form, probe) >= _MOSTLY * len(probe) for form in _formats())


def _candidates(sample: list[str]) -> list[str]:
    """Return the formats that read the most values, and at least half of them."""
    probe = sample[:: max(len(sample) // _PROBE, 1)]
    likely = [form for form in _formats() if _read(form, probe) >= _ENOUGH * len(probe) / 2]
    counts = {form: _read(form, sample) for form in likely}
    best = max(counts.values(), default=0)
    return [form for form, count in counts.items() if count == best and count >= _ENOUGH * len(sample)]


def _formats() -> Iterator[str]:
    return (day + clock for day, clock in product(_DAY_ORDERS, _CLOCKS))


FORMATS = tuple(_formats())
"""Every notation that is looked for."""


def _read(form: str, sample: list[str]) -> int:
    read = _reader(form)
    return sum(read(value) is not None for value in sample)


def _differ(one: str, other: str, sample: list[str]) -> bool:
    first, second = _reader(one), _reader(other)
    return any(first(value) != second(value) for value in sample)


def _reader(form: str) -> Parse:
    def parse(value: str) -> datetime | None:
        try:
            stamp = datetime.strptime(value, form)
        except ValueError:
            return None
        return stamp.replace(tzinfo=UTC) if universal else stamp

    universal = form.endswith(("UTC", "GMT"))
    return parse


def _epoch(value: str) -> datetime | None:
    return values.moment(float(value), UTC) if _EPOCH.fullmatch(value) else None
