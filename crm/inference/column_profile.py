"""Column profile: what kind of values a column has, independent of its header."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from crm.date_formats import DateFormat, infer_date_format
from crm.inference.date_columns import PLAIN_NUMBER, infer_numeric_dates, mixed_orders
from crm.inference.value_shapes import are_ranges, is_masked, is_range
from leadworth.readers.flag_reader import read_flag
from leadworth.readers.money_reader import EITHER_MARK, read_money
from leadworth.readers.number_reader import read_number
from leadworth.unreadable import readable

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+$")
_URL = re.compile(r"(?:https?://|www\.)\S+$", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?$", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+|00|\()?\d[\d\s()./\-]{5,22}(?:(?:x|ext\.?)\s*\d+)?$", re.IGNORECASE)
_DECIMAL = re.compile(r"\d*[.,]\d+$|\d{1,3}(?:[\s.]\d{3})+$")
_CLICK = re.compile(r"(?:Cj[0-9w]K|EAIaIQ|IwAR|IwZX|fb\.1\.|E\.C\.P\.)[\w.\-]{8,}$")
_NUMBER = re.compile(r"(?:[^\d\s\w]{0,3}|[A-Z]{1,3}\$|[A-Z]{3}(?=[\s\d]))\s?[-+]?\d")
"""How a number begins: "ab-00001" is a code, though "ab 5" is a number in German."""
_DECIMAL_COMMA = re.compile(r"\d,\d{1,2}$|\d,\d{4,}$|\.\d{3},\d+$|\d\.\d{3}\.\d{3}")
_DECIMAL_POINT = re.compile(r"\d\.\d{1,2}$|\d\.\d{4,}$|,\d{3}\.\d+$|\d,\d{2,3},\d{3}")
"""Digits after the mark, or the other mark between thousands."""
_AMBIGUOUS = re.compile(r"^\D*[1-9]\d{0,2}\.\d{3}\D*$")
_PHONE_SEPARATORS = re.compile(r"^\+|[\s()/]|\d-\d+-\d|^0\d+-\d")
"""What phone numbers are written with, and ids are not: digits alone are an id, unless the header means a phone."""
_UNREAD_DATE = re.compile(r"(?=(?:.*\d){4}).{6,40}")
_UNREAD_DIGITS = re.compile(r"\d{6}|\d{8,14}")
_SHARES = {"masked": 0.3, "email": 0.8, "ip": 0.8, "user_agent": 0.8, "url": 0.8, "click_id": 0.8}
"""Kind -> share of the values that must pass its test."""
_SAMPLE = 2_000


def is_phone(value: str) -> bool:
    """Return whether a value could be a phone number: 7 to 15 digits and separators."""
    return bool(_PHONE.match(value)) and not _DECIMAL.match(value) and 7 <= sum(char.isdigit() for char in value) <= 15


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


VALUE_TESTS: dict[str, Callable[[str], bool]] = {
    "email": lambda value: bool(_EMAIL.match(value)),
    "ip": _is_ip,
    "user_agent": lambda value: value.startswith(("Mozilla/", "Opera/", "curl/")) or "AppleWebKit" in value,
    "url": lambda value: bool(_URL.match(value)),
    "domain": lambda value: bool(_DOMAIN.match(value) or _URL.match(value)),
    "click_id": lambda value: bool(_CLICK.match(value)),
    "flag": lambda value: readable(read_flag(value)) is not None,
    "won": lambda value: readable(read_flag(value, "won")) is not None,
    "lost": lambda value: readable(read_flag(value, "lost")) is not None,
    "phone": is_phone,
    "number": lambda value: (
        bool(_NUMBER.match(value)) and readable(read_number(value)) is not None and not is_range(value)
    ),
    "money": lambda value: readable(amount := read_money(value)) is not None or amount is EITHER_MARK,
    "masked": is_masked,
}


@dataclass(frozen=True)
class ColumnProfile:
    """Statistics of the values of a column.

    Attributes
    ----------
    kind
        empty, constant, masked, email, ip, user_agent, url, click_id, moment, flag, range, phone, number,
        category, text, code (all values differ) or many (too many values for a category).
    filled
        Share of rows that are not empty.
    distinct
        Number of different values; `unique` is their share of the filled rows.
    shares
        Test of `VALUE_TESTS` -> share of the filled values that pass it.
    counts
        Value -> number of rows, most frequent first.
    dates
        Date format of the values; None if they are not dates.
    mixed
        A date that begins with the day and one that begins with the month, if the column has both.
    """

    name: str
    kind: str
    rows: int
    filled: float
    distinct: int
    unique: float
    shares: dict[str, float]
    counts: dict[str, int]
    dates: DateFormat | None
    mixed: tuple[str, str] | None = None

    @property
    def example(self) -> str:
        """The most frequent value, or an empty text."""
        return next(iter(self.counts), "")

    @property
    def unread_dates(self) -> bool:
        """Whether values that are no dates might be dates in a notation that is not read, if the header says so."""
        if (
            self.dates
            or not self.counts
            or self.kind in {"email", "ip", "url", "user_agent", "click_id", "range", "flag"}
        ):
            return False
        form = _UNREAD_DIGITS if self.kind == "number" else _UNREAD_DATE
        return sum(bool(form.fullmatch(value)) for value in self.counts) >= 0.5 * len(self.counts)

    @property
    def integers(self) -> bool:
        """Whether all values are integers without separators."""
        return all(value.lstrip("-").isdigit() for value in self.counts)


def profile_column(name: str, values: Sequence[str]) -> ColumnProfile:
    """Return the profile of a column.

    Parameters
    ----------
    name
        Header of the column.
    values
        One per row; missing values are empty texts.

    Examples
    --------
    >>> profile_column("contact", ["ada@example.org", "", "bob@example.com"]).kind
    'email'
    """
    counts = Counter(value for value in values if value)
    total = sum(counts.values())
    ordered = dict(counts.most_common())
    if not total:
        return ColumnProfile(name, "empty", len(values), 0.0, 0, 0.0, {}, {}, None)
    sample = list(ordered)[:_SAMPLE]
    shares = {kind: sum(map(test, sample)) / len(sample) for kind, test in VALUE_TESTS.items()}
    numbers = sum(bool(PLAIN_NUMBER.fullmatch(value)) for value in sample) / len(sample)
    dates = infer_numeric_dates(name, sample) if numbers >= 0.5 else None
    if numbers < 0.95 and dates is None:
        dates = infer_date_format(sample)
    mixed = mixed_orders(sample) if dates is None or dates.format is None else None
    if mixed:
        dates = DateFormat(None, 1.0)
    unique = len(counts) / total
    kind = _kind(shares, dates, len(counts), total, sample)
    return ColumnProfile(
        name, kind, len(values), total / len(values), len(counts), unique, shares, ordered, dates, mixed
    )


def _kind(shares: dict[str, float], dates: DateFormat | None, distinct: int, total: int, sample: list[str]) -> str:
    if distinct == 1 and total > 1:
        return "constant"
    for kind, share in _SHARES.items():
        if shares[kind] >= share:
            return kind
    if dates:
        return "moment"
    if shares["flag"] == 1 and distinct <= 4:
        return "flag"
    if are_ranges(sample):
        return "range"
    written = sum(bool(_PHONE_SEPARATORS.search(value)) for value in sample) / len(sample)
    if shares["phone"] >= 0.8 and written >= 0.6:
        return "phone"
    if shares["number"] >= 0.95:
        return "number"
    return _text_kind(distinct, total, sample)


def _text_kind(distinct: int, total: int, sample: list[str]) -> str:
    words = sum(len(value.split()) for value in sample) / len(sample)
    if distinct <= max(3, 0.7 * total) and (distinct <= 60 or distinct <= 0.05 * total):
        return "category"
    if words >= 3.5:
        return "text"
    return "code" if distinct >= 0.98 * total and words < 1.2 else "many"


def infer_decimal_mark(profiles: Sequence[ColumnProfile]) -> tuple[str | None, str, bool]:
    """Return the decimal mark, the evidence, and whether it is uncertain.

    Examples
    --------
    >>> infer_decimal_mark([profile_column("importo", ["1.200,50", "900,00"])])[0]
    ','
    """
    numbers = [value for column in profiles if column.kind == "number" for value in list(column.counts)[:500]]
    comma, point = decimal_evidence(numbers)
    ambiguous = sum(bool(_AMBIGUOUS.match(value)) for value in numbers)
    if comma and comma > point:
        return ",", f"{comma} numbers have a decimal comma, {point} a decimal point", point > 0
    if point:
        return None, f"{point} numbers have a decimal point, {comma} a decimal comma", comma > 0
    return None, f"{ambiguous} numbers such as 1.234 can be read both ways", ambiguous > 0


def decimal_evidence(numbers: Sequence[str]) -> tuple[int, int]:
    """Return how many numbers show that the decimal mark is a comma, and how many that it is a point.

    Examples
    --------
    >>> decimal_evidence(["1.200,50", "900,00", "12.5", "1,234"])
    (2, 1)
    """
    trimmed = [re.sub(r"[^\d]+$", "", value) for value in numbers]
    comma = sum(bool(_DECIMAL_COMMA.search(value)) for value in trimmed)
    return comma, sum(bool(_DECIMAL_POINT.search(value)) for value in trimmed)


def sort_keys(column: ColumnProfile, values: Sequence[str]) -> NDArray[np.float64]:
    """Return numbers in the order of the dates of a column, shape (n,); nan where a value is no date.

    Examples
    --------
    >>> values = ["31/01/2026", "02/03/2026", ""]
    >>> sort_keys(profile_column("date", values), values).argsort().tolist()
    [0, 1, 2]
    """
    keys: dict[str, float] = {}
    for value in column.counts:
        moment = column.dates.read(value) if column.dates else None
        keys[value] = moment.timestamp() if isinstance(moment, datetime) else np.nan
    return np.array([keys.get(value, np.nan) for value in values])
