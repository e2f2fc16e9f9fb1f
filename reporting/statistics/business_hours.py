"""Business hours: minutes between two moments that are within the hours in which sales answers.

Hours are those of the clock on the wall in the zone of the business, so a day on which the clock changes has them as
any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from leadworth.errors import ConfigurationError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALLOWED = 'days and hours, such as "Mon-Fri 09:00-18:00" or "Mon-Thu 09:00-13:00 14:00-18:00, Fri 09:00-13:00"'
_HOURS = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")
_DAY = "|".join(DAYS)
_DAYS = re.compile(rf"({_DAY})(?:-({_DAY}))?", re.IGNORECASE)
_MINUTES_A_DAY = 24 * 60

Ranges = tuple[tuple[int, int], ...]
"""Start and end in minutes since midnight."""


@dataclass(frozen=True)
class BusinessHours:
    """Hours in which sales answers.

    Attributes
    ----------
    ranges
        Ranges of each weekday, Monday first, rising and apart.
    zone
        Zone of the business.
    is_holiday
        Whether a day is a public holiday.
    """

    ranges: tuple[Ranges, ...]
    zone: ZoneInfo
    is_holiday: Callable[[date], bool]

    def minutes_between(self, start: datetime, end: datetime) -> float:
        """Return the minutes of business hours between two moments; 0 where the end is not later.

        Parameters
        ----------
        start, end
            Moments with a zone.

        Examples
        --------
        >>> rome = ZoneInfo("Europe/Rome")
        >>> hours = business_hours("Mon-Fri 09:00-18:00", rome)
        >>> friday, monday = datetime(2026, 11, 20, 17, 50, tzinfo=rome), datetime(2026, 11, 23, 9, 10, tzinfo=rome)
        >>> hours.minutes_between(friday, monday), (monday - friday).total_seconds() / 60
        (20.0, 3800.0)
        """
        if end <= start:
            return 0.0
        first, last = start.astimezone(self.zone), end.astimezone(self.zone)
        minutes = self._minutes_of_day(first.date(), start, end)
        if last.date() > first.date():
            minutes += self._minutes_of_day(last.date(), start, end)
            minutes += self._minutes_of_days(first.date() + timedelta(days=1), last.date())
        return minutes

    def ranges_of(self, day: date) -> Ranges:
        """Return the ranges of a day; none on a holiday."""
        return () if self.is_holiday(day) else self.ranges[day.weekday()]

    def _minutes_of_day(self, day: date, start: datetime, end: datetime) -> float:
        seconds = 0.0
        for opening, closing in self.ranges_of(day):
            begin, finish = max(self._moment(day, opening), start), min(self._moment(day, closing), end)
            seconds += max((finish - begin).total_seconds(), 0.0)
        return seconds / 60.0

    def _minutes_of_days(self, first: date, end: date) -> float:
        """Return the minutes of whole days, `end` excluded."""
        return sum(
            (self._moment(day, closing) - self._moment(day, opening)).total_seconds() / 60.0
            for day in (first + timedelta(days=number) for number in range((end - first).days))
            for opening, closing in self.ranges_of(day)
        )

    def _moment(self, day: date, minutes: int) -> datetime:
        """Return the moment at which the clock shows these minutes since midnight, in UTC."""
        if minutes == _MINUTES_A_DAY:
            day, minutes = day + timedelta(days=1), 0
        local = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=self.zone)
        return local.astimezone(_UTC)


_UTC = ZoneInfo("UTC")


def business_hours(text: str, zone: ZoneInfo, holidays_of: str | None = None) -> BusinessHours:
    """Read business hours.

    Parameters
    ----------
    text
        Days with one or several ranges of hours, parts separated by commas. Days that are not named are closed.
    zone
        Zone of the business.
    holidays_of
        Country, or COUNTRY-REGION, whose public holidays are closed; None: no holidays.

    Raises
    ------
    ConfigurationError
        The text is not of this form, ranges meet or end before they start, or the country is not known.

    Examples
    --------
    >>> hours = business_hours("Mon-Thu 09:00-13:00 14:00-18:00, Fri 09:00-13:00", ZoneInfo("Europe/Rome"), "IT")
    >>> hours.ranges[0], hours.ranges[4], hours.ranges[5], hours.ranges_of(date(2026, 12, 25))
    (((540, 780), (840, 1080)), ((540, 780),), (), ())
    """
    ranges: list[Ranges] = [() for _ in DAYS]
    for part in text.split(","):
        days, *hours = part.split() or [""]
        named = _DAYS.fullmatch(days)
        if named is None or not hours:
            raise _invalid(text)
        for day in _days(named):
            if ranges[day]:
                raise _invalid(text)
            ranges[day] = _ranges(hours, text)
    return BusinessHours(tuple(ranges), zone, _calendar(holidays_of))


def _days(named: re.Match[str]) -> Sequence[int]:
    first = DAYS.index(named[1].capitalize())
    last = DAYS.index((named[2] or named[1]).capitalize())
    return [day % 7 for day in range(first, last + 1 if last >= first else last + 8)]


def _ranges(hours: Sequence[str], text: str) -> Ranges:
    ranges = []
    for part in hours:
        match = _HOURS.fullmatch(part)
        if match is None:
            raise _invalid(text)
        start_hour, start_minute, end_hour, end_minute = (int(number) for number in match.groups())
        if max(start_minute, end_minute) > 59:
            raise _invalid(text)
        ranges.append((60 * start_hour + start_minute, 60 * end_hour + end_minute))
    bounds = [bound for pair in sorted(ranges) for bound in pair]
    rising = all(left < right for left, right in sorted(ranges)) and bounds == sorted(bounds)
    if not rising or bounds[-1] > _MINUTES_A_DAY:
        raise _invalid(text)
    return tuple(sorted(ranges))


def _calendar(holidays_of: str | None) -> Callable[[date], bool]:
    if holidays_of is None:
        return _never
    country, _, region = holidays_of.partition("-")
    try:
        calendar = holidays.country_holidays(country, subdiv=region or None)
    except NotImplementedError:
        raise ConfigurationError(
            f"[report] holidays = {holidays_of!r}",
            allowed="a country such as IT, or COUNTRY-REGION such as DE-BY, of the package holidays",
            do="correct [report] holidays, or leave it out",
        ) from None
    return lru_cache(maxsize=None)(lambda day: day in calendar)


def _never(_: date) -> bool:
    return False


def _invalid(text: str) -> ConfigurationError:
    return ConfigurationError(f"[report] business_hours = {text!r}", allowed=ALLOWED, do="correct business_hours")
