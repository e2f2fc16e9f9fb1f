"""Notation of dates and times as people and programs write them, other than ISO 8601."""

from __future__ import annotations

import re
import time
import unicodedata
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from leadworth.readers.month_names import ambiguous_months, english_months, fold_name, halves, months, weekdays
from leadworth.unreadable import Unreadable

DayOrder = Literal["dmy", "mdy"]

DAY_OR_MONTH_FIRST = Unreadable("day or month first")
DAY_OR_YEAR_FIRST = Unreadable("day or year first")
MONTH_OF_TWO = Unreadable("name of different months in different languages")
_UNKNOWN_ZONE = Unreadable("time zone that is not known, or means several")
_TWO_OFFSETS = Unreadable("two different offsets from UTC")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\u061c\ufeff\xad]")
_LONGEST = 80
_RECENT_YEARS = 10

_USUAL = re.compile(
    r"([0-9]{1,2})([/.\-])([0-9]{1,2})\2([0-9]{4}|(?<=[/.])[0-9]{2})(?:,? ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
)
"""What most exports write, other than ISO 8601: read three times as fast as by the rules for all notations."""
_TIME = re.compile(
    r"(?<![\d.:])(?P<half>오전|오후|午前|午後|上午|下午)? ?"
    r"(?P<hour>\d{1,2}) ?(?:[:：時时點点시]|h(?=\d)) ?(?P<minute>\d{1,2})"
    r"(?: ?[:：分분] ?(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)? ?[秒초分분]?(?![\d:])"
)
_TIME_WITH_POINTS = re.compile(
    r"(?<=[\d.,] )(?:(?:um|klo|kl|kl\.|alle|ore) )?(?P<hour>\d{1,2})\.(?P<minute>\d{2})"
    r"(?:\.(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?(?=$| [AP]M\b| [+-]\d)"
)
"""Oracle writes "04-JUN-24 10.15.00.000000 AM +02:00"."""
_HOUR_ONLY = re.compile(r"(?<![\d.:/-])(?P<hour>\d{1,2})(?= ?[ap]\.? ?m\b)", re.IGNORECASE)
_HALF = re.compile(r" ?([^\W\d_](?:\.? ?m\b\.?|[^\W\d_]{0,5}\.?(?: ?[^\W\d_]{1,2}\.)?))")
_OFFSET = re.compile(
    r" ?(?:GMT|UTC|Z)? ?(?P<sign>[+\-−])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?![\d/.-])(?:(?<=0000) UTC$)?"
)
"""Go writes "+0000 UTC"."""
_ZONE = re.compile(r" ?(?P<zone>[A-Z]{3,5}|Z)(?![^\W_])")
_IN_BRACKETS = re.compile(r"\s?(?:\((?P<round>[^()]*)\)|\[(?P<square>[^\[\]]*)\])\s*$")
_ZONE_NAME = re.compile(r" (?P<zone>[A-Za-z_]+(?:/[A-Za-z_+-]+)+)$")
"""Trino writes "10:15:00.000 Europe/Berlin", Oracle in capitals."""
_OFFSET_NAMES = frozenset({"UTC", "GMT", "Z"})
_ZONES = {
    **dict.fromkeys(("Z", "UTC", "GMT", "WET", "UCT"), 0),
    **dict.fromkeys(("CET", "MEZ", "WEST"), 1),
    **dict.fromkeys(("CEST", "MESZ", "EET"), 2),
    **dict.fromkeys(("EEST", "MSK"), 3),
    **{"JST": 9, "KST": 9, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
}
_EAST_ASIAN_WEEKDAY = (
    r"(?:[日月火水木金土](?:曜日?)?|(?:星期|周|週|禮拜|礼拜)[一二三四五六日天]|[월화수목금토일](?:요일)?)"
)
_EAST_ASIAN = re.compile(
    r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일号號]" + rf"(?: ?\(?{_EAST_ASIAN_WEEKDAY}\)?)?"
)
_NUMERIC = re.compile(r"(\d{1,4}) ?([/.\-\u2010-\u2015\u2212]) ?(\d{1,2}) ?\2 ?(\d{1,4})(?:\.| ?г\.?)?")
_YEAR_MAY_BE_FIRST = re.compile(r"[0-9]{2}(?:-[0-9]{1,2}-|\. [0-9]{1,2}\. )(?:0?[1-9]|[12][0-9]|3[01])\.?")
_WORDS = re.compile(r"\d+|[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0963'’])*[.॰]?")
_BETWEEN = re.compile(r"[\s,./\-–()'’;|\u200e\u200f]*")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|ère|º|ª|°)(?=[\s,]|$)", re.IGNORECASE)
_FILLERS = frozenset(
    (
        *("of", "de", "del", "di", "du", "da", "le", "il", "el", "den", "der", "am", "um", "uhr", "at", "à", "às"),
        *(
            "a",
            "las",
            "la",
            "alle",
            "ore",
            "kl",
            "klo",
            "om",
            "o",
            "v",
            "the",
            "on",
            "og",
            "d",
            "г",
            "года",
            "р",
            "року",
        ),
        *("година", "i", "ngày", "năm", "lúc", "este", "ที่", "в", "о", "ve", "saat", "óra", "hod", "hrs", "h", "год"),
    )
)


class _Clock(NamedTuple):
    hour: int = 0
    minute: int = 0
    second: int = 0
    micro: int = 0


def visible(written: str) -> str:
    """Return a text without the invisible characters that browsers write around the parts of a date.

    Examples
    --------
    >>> visible("\u200e6/\u200e4/\u200e2024")
    '6/4/2024'
    """
    return written if written.isascii() else _INVISIBLE.sub("", written)


def parse_date_text(written: str, order: DayOrder | None, language: str | None = None) -> datetime | Unreadable | None:
    """Return the date and time of a text, naive where it has no offset; None where it is no date.

    Parameters
    ----------
    written
        Trimmed text.
    order
        Whether dates such as 03/04/2024 begin with the day or the month; None where it is not known.
    language
        Locale of the names of months; None for names that are one month in all languages.

    Examples
    --------
    >>> parse_date_text("Tue, 04 Jun 2024 10:15:00 +0200", None).isoformat()
    '2024-06-04T10:15:00+02:00'
    >>> parse_date_text("04-Jun-24 3:05 PM", None), parse_date_text("25.12.2024 14.30", None)
    (datetime.datetime(2024, 6, 4, 15, 5), datetime.datetime(2024, 12, 25, 14, 30))
    >>> parse_date_text("2024-06-04 10:00 (GMT-05:00)", None).isoformat()
    '2024-06-04T10:00:00-05:00'
    >>> parse_date_text("03/04/24", None), parse_date_text("2024年6月4日", None), parse_date_text("Q2 2024", None)
    (Unreadable(reason='day or month first'), datetime.datetime(2024, 6, 4, 0, 0), None)
    """
    written = visible(written)
    usual = _USUAL.fullmatch(written)
    if usual is not None:
        day = _numeric_day(usual[1], usual[3], usual[4], order)
        clock = _Clock(int(usual[5] or 0), int(usual[6] or 0), int(usual[7] or 0))
        return day if isinstance(day, Unreadable) else _moment_of(day, clock, None)
    return _parse_words(written, order, language) if len(written) <= _LONGEST else None


def _parse_words(written: str, order: DayOrder | None, language: str | None) -> datetime | Unreadable | None:
    text, bracket = _without_bracket(_plain_text(written))
    match = _TIME_WITH_POINTS.search(text) or _TIME.search(text) or _HOUR_ONLY.search(text)
    clock: _Clock | None = _Clock()
    offset: timezone | Unreadable | None = None
    if match is not None:
        after = text[match.end() :]
        half, after = _half_of(match, after)
        clock = _clock_of(match, half)
        offset, after = _offset_of(after)
        text = f"{text[: match.start()]} {after}"
    if clock is None or isinstance(offset, Unreadable):
        return offset if isinstance(offset, Unreadable) else None
    day = _parse_day(text.strip(" ,").removesuffix("T").rstrip(), order, language)
    zone = _zone_of(bracket, offset)
    if day is None or isinstance(day, Unreadable):
        return day
    return zone if isinstance(zone, Unreadable) else _moment_of(day, clock, zone)


def _moment_of(day: tuple[int, int, int] | None, clock: _Clock, offset: tzinfo | None) -> datetime | None:
    if day is None:
        return None
    try:
        return datetime(*day, *clock, tzinfo=offset)
    except ValueError:
        return None


def _plain_text(written: str) -> str:
    """Return a text with ASCII digits and single spaces."""
    text = written
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in text)
    return " ".join(text.split())


def _without_bracket(text: str) -> tuple[str, str]:
    """Return a text without the bracket at its end, and what is in it; a name of a zone needs no bracket."""
    match = _IN_BRACKETS.search(text)
    if match is not None:
        return text[: match.start()], (match["round"] or match["square"] or "").strip()
    match = _ZONE_NAME.search(text)
    if match is not None and match["zone"].casefold() in _zone_names():
        return text[: match.start()], match["zone"]
    return text, ""


@cache
def _zone_names() -> dict[str, str]:
    """Return the names of time zones by their small letters."""
    return {name.casefold(): name for name in available_timezones()}


def _zone_of(bracket: str, offset: timezone | None) -> tzinfo | Unreadable | None:
    """Return the time zone that a bracket behind a time says; `offset` is what stands before it.

    Behind an offset the name of a zone is a comment; another offset contradicts it.
    """
    if not bracket or fold_name(bracket) in weekdays() or re.fullmatch(_EAST_ASIAN_WEEKDAY, bracket):
        return offset
    said, rest = _offset_of(bracket.upper())
    said = said if isinstance(said, timezone) and not rest.strip() else None
    if offset is not None:
        is_offset = bracket.upper() in _OFFSET_NAMES or any(char.isdigit() for char in bracket)
        return _TWO_OFFSETS if said is not None and is_offset and said != offset else offset
    name = _zone_names().get(bracket.casefold())
    if said is None and name is not None:
        return ZoneInfo(name)
    return _UNKNOWN_ZONE if said is None else said


def _half_of(match: re.Match[str], after: str) -> tuple[int | None, str]:
    """Return the hours that the half of the day adds, and the text behind it."""
    groups = match.groupdict()
    if groups.get("half"):
        return halves()[groups["half"]], after
    word = _HALF.match(after)
    if word is None:
        return None, after
    hours = halves().get(fold_name(word[1]))
    return hours, after if hours is None else after[word.end() :]


def _clock_of(match: re.Match[str], half: int | None) -> _Clock | None:
    groups = match.groupdict()
    hour = int(groups["hour"])
    if half is not None:
        if not (1 <= hour <= 12 or hour == half == 0):
            return None
        hour = hour % 12 + half
    minute = int(groups.get("minute") or 0)
    second = int(groups.get("second") or 0)
    micro = int((groups.get("fraction") or "0").ljust(6, "0")[:6])
    return _Clock(hour, minute, second, micro) if hour < 24 and minute < 60 and second < 60 else None


def _offset_of(after: str) -> tuple[timezone | Unreadable | None, str]:
    """Return the offset that a text begins with, and the text behind it."""
    match = _OFFSET.match(after)
    if match is not None:
        minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
        if minutes > 14 * 60:
            return _UNKNOWN_ZONE, after
        return timezone(timedelta(minutes=minutes if match["sign"] == "+" else -minutes)), after[match.end() :]
    zone = _ZONE.match(after)
    if zone is None or fold_name(zone["zone"]) in english_months():
        return None, after
    hours = _ZONES.get(zone["zone"])
    if hours is None:
        return _UNKNOWN_ZONE, after
    return timezone(timedelta(hours=hours)), after[zone.end() :]


def _parse_day(text: str, order: DayOrder | None, language: str | None) -> tuple[int, int, int] | Unreadable | None:
    """Return year, month and day."""
    match = _NUMERIC.fullmatch(text)
    if match is not None and order is None and _YEAR_MAY_BE_FIRST.fullmatch(text):
        return DAY_OR_YEAR_FIRST
    if match is not None:
        return _numeric_day(match[1], match[3], match[4], order)
    match = _EAST_ASIAN.fullmatch(text)
    if match is not None:
        return int(match[1]), int(match[2]), int(match[3])
    return _day_with_words(text, order, language)


def _numeric_day(
    first: str, second: str, third: str, order: DayOrder | None
) -> tuple[int, int, int] | Unreadable | None:
    if len(first) == 4:
        return (int(first), int(second), int(third)) if len(third) <= 2 else None
    if len(first) > 2 or len(third) not in {2, 4}:
        return None
    year = full_year(third)
    a, b = int(first), int(second)
    if order is None and len(third) == 2 and _likely_year_first(full_year(first), year, int(third)):
        return DAY_OR_YEAR_FIRST
    if order == "dmy" or (order is None and (a > 12 or a == b)):
        return year, b, a
    if order == "mdy" or b > 12:
        return year, a, b
    return DAY_OR_MONTH_FIRST


def _likely_year_first(first: int, last: int, day: int) -> bool:
    """Return whether the first number is a recent year and the last is not, as in 24.06.04 of the 4th of June 2024."""
    this_year = time.gmtime().tm_year
    recent = range(this_year - _RECENT_YEARS, this_year + 2)
    return first in recent and last not in recent and 1 <= day <= 31


def month_words(written: str) -> set[str]:
    """Return the folded names of months of any language in a text.

    Examples
    --------
    >>> month_words("4 listopada 2024, środa")
    {'listopada'}
    """
    text, _ = _without_bracket(_plain_text(written[:_LONGEST]))
    words = {fold_name(word) for word in _WORDS.findall(text)}
    return words & (ambiguous_months() | months().keys())


def full_year(digits: str) -> int:
    """Return the year of two or four digits; two digits are of this century, from 70 on of the last.

    Examples
    --------
    >>> full_year("24"), full_year("99"), full_year("2024")
    (2024, 1999, 2024)
    """
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (1900 if year >= 70 else 2000)


def _day_with_words(
    text: str, order: DayOrder | None, language: str | None
) -> tuple[int, int, int] | Unreadable | None:
    """Return the day of a date with the name of its month, with or without the name of its weekday."""
    text = _ORDINAL.sub("", text)
    if _BETWEEN.fullmatch(_WORDS.sub("", text)) is None:
        return None
    numbers: list[str] = []
    named: list[int | Unreadable] = []
    place = 0
    for token in _WORDS.findall(text):
        if token.isdigit():
            numbers.append(token)
            continue
        month = _month(token, language)
        if month is not None:
            named.append(month)
            place = len(numbers)
        elif not _ignored(token):
            return None
    if not named and len(numbers) == 3:
        match = _NUMERIC.search(text)
        return None if match is None else _numeric_day(match[1], match[3], match[4], order)
    if len(named) != 1 or len(numbers) != 2:
        return None
    month = named[0]
    if isinstance(month, Unreadable):
        return month
    return _with_month(numbers, month, place)


def _with_month(numbers: list[str], month: int, place: int) -> tuple[int, int, int] | None:
    first, second = numbers
    if len(first) == 4 and len(second) <= 2:
        return int(first), month, int(second)
    if len(second) == 4 and len(first) <= 2:
        return int(second), month, int(first)
    if place in {0, 1} and len(first) <= 2 and len(second) == 2:
        return full_year(second), month, int(first)
    return None


def _month(token: str, language: str | None) -> int | Unreadable | None:
    name = fold_name(token)
    if language is not None and name in months(language):
        return months(language)[name]
    month = english_months().get(name)
    if (month is None and not token.isascii()) or (month is None and name not in _FILLERS):
        month = months().get(name)
        if month is None and name in ambiguous_months():
            return MONTH_OF_TWO
    return month


def _ignored(token: str) -> bool:
    name = fold_name(token)
    return name in _FILLERS or name in weekdays()
