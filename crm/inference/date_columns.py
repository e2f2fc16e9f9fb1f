"""Columns of dates: numbers that are dates, and columns that mix two orders of day and month."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from crm.date_formats import DateFormat
from crm.inference.header_vocabulary import match_header
from crm.inference.header_words import normalise
from leadworth.readers.date_notation import DayOrder
from leadworth.readers.moment_reader import read_moment

_MOSTLY = 0.95
_MIXED = 0.01
"""Share of the dates of a certain order from which on two orders are a fault of the column."""
_MANY = 20
_DIGITS = re.compile(r"\d{5}(?:[.,]\d+)?|\d{8}|\d{10}(?:[.,]\d+)?|\d{12,14}|\d{16}|\d{18,19}")
_TIMED = re.compile(r"\d{5}[.,]\d{3,}")
_SERIALS = (36_526, 54_789)
"""Days of a spreadsheet from 2000 to 2049."""
PLAIN_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_ORDERED = re.compile(r"(?<!\d)\d{1,2}([/.\-])\d{1,2}\1(?:\d{4}|\d{2})(?!\d)")
_SETTINGS = frozenset({"submitted_at", "won_at", "lost_at", "closed_at", "stage_at", "known_at"})
_WORDS = frozenset(
    (
        *(
            "date",
            "datetime",
            "time",
            "timestamp",
            "day",
            "at",
            "on",
            "datum",
            "zeit",
            "tag",
            "am",
            "data",
            "ora",
            "giorno",
        ),
        *(
            "jour",
            "heure",
            "fecha",
            "hora",
            "dia",
            "дата",
            "время",
            "날짜",
            "일시",
            "일자",
            "日付",
            "日時",
            "日期",
            "tarih",
            "dato",
        ),
    )
)


def infer_numeric_dates(header: str, values: Sequence[str]) -> DateFormat | None:
    """Return a format if distinct numbers are dates: 20240604, days of a spreadsheet, seconds since 1970.

    Some of them are dates by their range alone; others, such as 45447, only under a header that means a date.

    Examples
    --------
    >>> infer_numeric_dates("Create Date", ["45447.5", "45448.25"]) is not None
    True
    >>> infer_numeric_dates("Id", ["45447", "45448"]) is None, infer_numeric_dates("x", ["20240604"]) is not None
    (True, True)
    """
    if not values or sum(bool(_DIGITS.fullmatch(value)) for value in values) < _MOSTLY * len(values):
        return None
    moments = [read_moment(value) for value in values]
    share = sum(isinstance(moment, datetime) for moment in moments) / len(values)
    if share < _MOSTLY or not (_are_dates_alone(values) or _means_date(header)):
        return None
    return DateFormat(None, share)


def _are_dates_alone(values: Sequence[str]) -> bool:
    """Return whether numbers can hardly be anything but dates: calendar digits, milliseconds, days with a time."""
    lengths = {len(value) for value in values}
    if lengths <= {8, 12, 14} and all(value[:2] in {"19", "20"} for value in values):
        return True
    timed = sum(bool(_TIMED.fullmatch(value)) for value in values) >= 0.5 * len(values)
    recent = timed and all(_SERIALS[0] <= float(value.replace(",", ".")) < _SERIALS[1] for value in values)
    return len(values) >= _MANY and (lengths == {13} or recent)


def _means_date(header: str) -> bool:
    words = set(normalise(header).split())
    return bool(words & _WORDS) or any(match.name in _SETTINGS and not match.near for match in match_header(header))


def mixed_orders(values: Sequence[str]) -> tuple[str, str] | None:
    """Return a date that begins with the day and one that begins with the month, if values show both orders.

    Examples
    --------
    >>> mixed_orders(["31/12/2024", "12/31/2024", "01/02/2024"])
    ('31/12/2024', '12/31/2024')
    >>> mixed_orders(["31/12/2024", "01/02/2024"]) is None
    True
    """
    shown: dict[DayOrder, list[str]] = {"dmy": [], "mdy": []}
    dates = 0
    for value in values:
        if not _ORDERED.search(value):
            dates += isinstance(read_moment(value), datetime)
            continue
        readable = [order for order in shown if isinstance(read_moment(value, order=order), datetime)]
        dates += bool(readable)
        if len(readable) == 1:
            shown[readable[0]].append(value)
    certain = sum(map(len, shown.values()))
    if dates < _MOSTLY * len(values) or min(map(len, shown.values())) <= _MIXED * certain:
        return None
    return shown["dmy"][0], shown["mdy"][0]
