"""Filters of the report: all state of the page, in the URL and only there.

A query string is parsed strictly: an unknown name or value is refused with what is allowed. `ReportFilters.query` is
its shortest form, in which default and empty values are left out; a parameter that is repeated means either of its
values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

from leadworth.errors import InputError
from leadworth.report_settings import Attribution, Language
from reporting.views.report_period import ALLOWED, DayRange, canonical_period, days_of, previous_days, year_before
from store.report_scope import ReportScope

MAX_VALUE = 300
MAX_VALUES = 50
NO_COUNTRY = "unknown"
"""Name of the leads whose country no source says, as a value of the filter."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    "compare": ("previous", "year", "none"),
    "model": get_args(Attribution),
    "view": ("cohort", "calendar"),
    "columns": ("few", "all"),
    "money": ("on", "off"),
    "lang": get_args(Language),
    "excel": ("0", "1"),
}
"""Values of the filters that have a fixed list; the first one is the default, where there is one."""


class FilterError(InputError):
    """A filter of the report has an unknown name or value."""


@dataclass(frozen=True)
class ReportFilters:
    """State of the page.

    Attributes
    ----------
    channel, campaign, country
        Values of which a lead has one, sorted; empty: all. A campaign is a campaign key.
    model
        Attribution model; None: that of the settings.
    as_of
        Day of a snapshot: the figures as they were shown then.
    excel
        Semicolons and decimal commas in CSV.

    Examples
    --------
    >>> filters = parse_filters("channel=Email&period=2026-10-01..2026-12-31&compare=previous", ["Email"])
    >>> filters.query
    'period=2026-Q4&channel=Email'
    """

    period: str = "last-90-days"
    compare: str = "previous"
    channel: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    model: str | None = None
    view: str = "cohort"
    columns: str = "few"
    money: str = "on"
    lang: str | None = None
    as_of: date | None = None
    excel: str = "0"

    @property
    def query(self) -> str:
        """Shortest query string of the filters, without a question mark."""
        return urlencode(self.parameters())

    def parameters(self, **further: str) -> list[tuple[str, str]]:
        """Return the parameters whose values are not the defaults, then the further ones that are not empty."""
        pairs: list[tuple[str, str]] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value == field.default:
                continue
            values = value if isinstance(value, tuple) else (value,)
            pairs += [(field.name, item.isoformat() if isinstance(item, date) else item) for item in values]
        return pairs + [(name, value) for name, value in further.items() if value]

    def link(self, path: str, **further: str) -> str:
        """Return the address of a page with these filters.

        Examples
        --------
        >>> ReportFilters(period="2026").link("report/leads", figure="leads")
        'report/leads?period=2026&figure=leads'
        """
        query = urlencode(self.parameters(**further))
        return f"{path}?{query}" if query else path

    def with_(self, **changes: Any) -> ReportFilters:
        """Return filters with some of them changed."""
        return replace(self, **changes)

    @property
    def scope(self) -> ReportScope:
        """Channels, campaigns and countries, as the store compares them."""
        return ReportScope(
            self.channel, self.campaign, tuple("" if name == NO_COUNTRY else name for name in self.country)
        )

    def days(self, today: date, end: date | None = None) -> DayRange:
        """Return the days of the period that have begun, until the day `end` where the data end earlier."""
        return days_of(self.period, today).until(today if end is None else min(end, today))

    def whole_days(self, today: date) -> DayRange:
        """Return all days of the period."""
        return days_of(self.period, today)

    def compared_days(self, today: date, end: date | None = None) -> DayRange | None:
        """Return the days that those of `days` are compared with; None without a comparison, or before the period."""
        if self.compare == "none" or not self.days(today, end).days:
            return None
        if self.compare == "year":
            return year_before(self.days(today, end))
        return previous_days(self.period, today if end is None else min(end, today), today)


NAMES = tuple(field.name for field in fields(ReportFilters))


def parse_filters(query: str, channels: Collection[str], *, further: Collection[str] = ()) -> ReportFilters:
    """Return the filters of a query string.

    Parameters
    ----------
    query
        Query string of a URL.
    channels
        Names of the channels that exist.
    further
        Names of parameters of the route, which are skipped.

    Raises
    ------
    FilterError
        If a name or a value is unknown.
    """
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=4 * MAX_VALUES):
        if name in further:
            continue
        if name not in NAMES:
            raise FilterError("a parameter has an unknown name", allowed=", ".join((*NAMES, *further)))
        if value:  # an empty field of the form means its default
            values.setdefault(name, []).append(value)
    return ReportFilters(**{name: _value(name, given, channels) for name, given in values.items()})


def _value(name: str, given: Sequence[str], channels: Collection[str]) -> Any:
    """Return the value of one filter."""
    if name in ("channel", "campaign", "country"):
        return _several(name, given, channels)
    text = given[0]
    if any(value != text for value in given[1:]):
        raise FilterError(f"{name} has several values", allowed="one value", do="remove the others")
    if name == "period":
        try:
            return canonical_period(text)
        except ValueError as error:
            raise FilterError("period cannot be read", allowed=ALLOWED) from error
    if name == "as_of":
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise FilterError("as_of is not a date", allowed="a date such as 2026-11-28") from error
    if text not in CHOICES[name]:
        raise FilterError(f"{name} has an unknown value", allowed=", ".join(CHOICES[name]))
    return text


def _several(name: str, given: Sequence[str], channels: Collection[str]) -> tuple[str, ...]:
    """Return the values of a filter that means either of them, each once."""
    values = tuple(sorted(set(given)))
    if len(values) > MAX_VALUES:
        raise FilterError(f"{name} has {len(values)} values", allowed=f"{MAX_VALUES} values")
    if name == "channel" and not set(values) <= set(channels):
        raise FilterError("channel has an unknown value", allowed=", ".join(channels))
    if name == "country" and not set(values) <= _countries():
        raise FilterError(
            "country has an unknown value", allowed=f"two capital letters of ISO 3166, such as IT, or {NO_COUNTRY}"
        )
    if name == "campaign" and not all(0 < len(value) <= MAX_VALUE and value.isprintable() for value in values):
        raise FilterError("campaign has an unknown value", allowed=f"a campaign key of at most {MAX_VALUE} characters")
    return values


@cache
def _countries() -> frozenset[str]:
    from babel import Locale

    codes = (str(code) for code in Locale("en").territories)
    return frozenset({*(code for code in codes if len(code) == 2 and code.isalpha()), NO_COUNTRY})
