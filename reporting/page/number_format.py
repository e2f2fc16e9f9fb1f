"""Numbers, dates and durations as text of a language; all of it by Babel."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)
from babel.units import format_unit

from reporting.page.page_model import Quantity, Unit

_LONG_RUN = re.compile(r"\d{4}")
_MINUTES_OF_DAY = 24 * 60


class NumberFormat:
    """Format of one language and time zone.

    Parameters
    ----------
    language
        Language code.
    zone
        IANA name of the time zone of times.

    Examples
    --------
    >>> NumberFormat("en", "UTC").compact(Quantity(431_234, Unit.MONEY, "EUR"))
    '€431K'
    >>> NumberFormat("en", "UTC").exact(Quantity(431_234, Unit.MONEY, "EUR"))
    '€431,234.00'
    """

    def __init__(self, language: str, zone: str) -> None:
        self.locale = Locale.parse(language)
        self.zone = ZoneInfo(zone)
        percent = self.locale.percent_formats[None].pattern
        self._percents = (percent, percent.replace("0", "0.#"))

    def exact(self, quantity: Quantity) -> str:
        """Return a number in full, as in tables."""
        if quantity.unit is Unit.MONEY:
            return str(format_currency(quantity.value, self._currency(quantity), locale=self.locale))
        if quantity.unit is Unit.COUNT:
            digits = "#,##0" if float(quantity.value).is_integer() else "#,##0.#"
            return str(format_decimal(quantity.value, format=digits, locale=self.locale))
        return self.compact(quantity)

    def compact(self, quantity: Quantity) -> str:
        """Return a number as on cards and axes: large amounts with three digits and the language's own abbreviation."""
        value = quantity.value
        match quantity.unit:
            case Unit.MONEY:
                return self._compact_money(value, self._currency(quantity))
            case Unit.COUNT:
                return self._compact_count(value)
            case Unit.SHARE:
                digits = self._percents[0 < abs(value) < 0.0995 or 0.995 <= abs(value) < 1.0]
                return str(format_percent(value, format=digits, locale=self.locale))
            case Unit.CHANGE:
                return self.change(value)
            case Unit.RATIO:
                digits = "#,##0" if abs(value) >= 100 else "#,##0.0" if abs(value) >= 0.95 else "#,##0.0#"
                return str(format_decimal(value, format=digits, locale=self.locale))
            case _:
                return self._duration(value, quantity.unit)

    def change(self, share: float) -> str:
        """Return a change in percent with its sign; the percent sign stands where the language puts it."""
        pattern = self._percents[0 < abs(share) < 0.0095]
        return str(format_percent(share, format=f"+{pattern};-{pattern}", locale=self.locale))

    def signed(self, quantity: Quantity) -> str:
        """Return a number with its sign, plus included."""
        text = self.exact(quantity)
        return f"{self.locale.number_symbols['latn']['plusSign']}{text}" if quantity.value > 0 else text

    def day(self, day: date) -> str:
        """Return a day with its year; a time is put into the zone of the page."""
        return str(format_date(self._local(day), "medium", locale=self.locale))

    def month(self, day: date, *, year: bool = True) -> str:
        """Return a month, such as the label of a cohort."""
        return str(format_skeleton("yMMM" if year else "MMM", day, locale=self.locale))

    def short_day(self, day: date) -> str:
        """Return day and month."""
        return str(format_skeleton("MMMd", self._local(day), locale=self.locale))

    def moment(self, at: date | datetime) -> str:
        """Return day, month and, of a time, the time of the page's zone."""
        if not isinstance(at, datetime):
            return self.short_day(at)
        local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(self.zone)
        return f"{self.short_day(local)} {format_time(local.time(), 'short', locale=self.locale)}"

    def period(self, first: date, last: date) -> str:
        """Return the range of two days."""
        if first == last:
            return self.day(first)
        return str(format_interval(first, last, "yMMMd", locale=self.locale))

    def _local(self, day: date) -> date:
        if isinstance(day, datetime):
            return (day if day.tzinfo else day.replace(tzinfo=UTC)).astimezone(self.zone).date()
        return day

    def _currency(self, quantity: Quantity) -> str:
        return quantity.currency or "XXX"

    def _compact_money(self, value: float, currency: str) -> str:
        if abs(value) < 100:
            whole = float(value).is_integer()
            digits = 0 if whole else get_currency_precision(currency)
            return self._money(round(value, digits), currency, digits)
        rounded = three_digits(value)
        text = str(format_compact_currency(rounded, currency, locale=self.locale, fraction_digits=2))
        # Where a language has no abbreviation, Babel leaves the thousands ungrouped.
        return self._money(rounded, currency, 0) if _LONG_RUN.search(text) or abs(rounded) < 1000 else text

    def _money(self, value: float, currency: str, digits: int) -> str:
        pattern = self.locale.currency_formats["standard"]
        shown = re.sub(r"0\.0+", "0" + ("." + "0" * digits if digits else ""), pattern.pattern)
        return str(format_currency(value, currency, format=shown, locale=self.locale, currency_digits=False))

    def _compact_count(self, value: float) -> str:
        if abs(value) < 10_000:
            digits = "#,##0" if abs(value) >= 100 or float(value).is_integer() else "#,##0.#"
            return str(format_decimal(value, format=digits, locale=self.locale))
        rounded = three_digits(value)
        text = str(format_compact_decimal(rounded, locale=self.locale, fraction_digits=2))
        return str(format_decimal(rounded, locale=self.locale)) if _LONG_RUN.search(text) else text

    def _duration(self, value: float, unit: Unit) -> str:
        if unit is Unit.SECONDS and value < 90:
            return self._unit(round(value), "second")
        if unit is Unit.DAYS:
            return self._unit(round(value, 1) if value < 10 else round(value), "day")
        minutes = round(value / 60 if unit is Unit.SECONDS else value)
        if minutes >= 2 * _MINUTES_OF_DAY:
            return self._unit(round(minutes / _MINUTES_OF_DAY, 1), "day")
        hours, rest = divmod(minutes, 60)
        if not hours:
            return self._unit(rest, "minute")
        return f"{self._unit(hours, 'hour')} {self._unit(rest, 'minute')}" if rest else self._unit(hours, "hour")

    def _unit(self, value: float, unit: str) -> str:
        shown = int(value) if float(value).is_integer() else value
        return str(format_unit(shown, f"duration-{unit}", length="short", locale=self.locale))


def three_digits(value: float) -> float:
    """Return a number rounded to three digits.

    Examples
    --------
    >>> three_digits(431_234.0), three_digits(0.0)
    (431000.0, 0.0)
    """
    if value == 0 or not math.isfinite(value):
        return value
    return float(round(value, 2 - math.floor(math.log10(abs(value)))))
