"""Choices of the filters that the form of the page offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reporting.page.page_model import FilterChoice, Level, Message, Notice
from reporting.views.page_sums import PageSums
from reporting.views.report_filters import CHOICES, ReportFilters

ALL = ("", Message("all"))
MODELS: Mapping[str, Message] = {
    "first": Message("first touch"),
    "last": Message("last touch"),
    "linear": Message("linear"),
    "u": Message("U-shaped"),
    "w": Message("W-shaped"),
    "decay": Message("time decay"),
    "markov": Message("data-driven (Markov)"),
}
_QUARTERS = 5
RANGE = ".."
"""Between the two days of a period that has no name."""


def filter_choices(sums: PageSums, names: Mapping[str, str]) -> tuple[FilterChoice, ...]:
    """Return the filters with their choices; a value of the address that the form does not offer is added to them.

    Parameters
    ----------
    sums
        Sums of the page.
    names
        Campaign key -> name, of the campaigns to offer.
    """
    filters = sums.filters
    model = filters.model or sums.settings.report.attribution
    choices = (
        FilterChoice("period", Message("Period"), filters.period, _with_selected(_periods(sums), filters.period)),
        FilterChoice(
            "compare",
            Message("Compare with"),
            filters.compare,
            (
                ("previous", Message("the period before")),
                ("year", Message("the year before")),
                ("none", Message("nothing")),
            ),
        ),
        _several("channel", Message("Channel"), filters.channel, {name: name for name in sums.channels}),
        _several("campaign", Message("Campaign"), filters.campaign, names),
        _several("country", Message("Country"), filters.country, {}),
        FilterChoice("model", Message("Attribution"), model, tuple((name, MODELS[name]) for name in CHOICES["model"])),
        FilterChoice(
            "view",
            Message("Outcomes by"),
            filters.view,
            (("cohort", Message("day of submit")), ("calendar", Message("day of the event"))),
        ),
    )
    return tuple(choice for choice in choices if choice is not None)


def several_values(filters: ReportFilters, names: Mapping[str, str]) -> tuple[Notice, ...]:
    """Return the filters with several values, which the form keeps and does not show."""
    notices = []
    for values in (filters.channel, filters.campaign, filters.country):
        if len(values) > 1:
            text = Message("Only {values}.", {"values": ", ".join(names.get(value, value) for value in values)})
            notices.append(Notice(Level.INFO, text))
    return tuple(notices)


def _periods(sums: PageSums) -> list[tuple[str, Message | str]]:
    """Return the periods of the form, and the range of days that is selected, where it is one."""
    today, selected = sums.today, sums.filters.period
    periods: list[tuple[str, Message | str]] = [
        ("last-90-days", Message("last 90 days")),
        ("last-30-days", Message("last 30 days")),
        ("last-7-days", Message("last 7 days")),
    ]
    quarter = today.year * 4 + (today.month - 1) // 3
    for back in range(_QUARTERS):
        name = f"{(quarter - back) // 4}-Q{(quarter - back) % 4 + 1}"
        periods.append((name, name))
    periods += [(str(year), str(year)) for year in (today.year, today.year - 1)]
    if RANGE in selected:
        days = sums.filters.whole_days(today)
        periods.append((selected, Message("{low} to {high}", {"low": days.first, "high": days.last})))
    return periods


def _with_selected(
    choices: Sequence[tuple[str, Message | str]], selected: str
) -> tuple[tuple[str, Message | str], ...]:
    if any(value == selected for value, _ in choices):
        return tuple(choices)
    return (*choices, (selected, selected))


def _several(name: str, title: Message, selected: tuple[str, ...], choices: Mapping[str, str]) -> FilterChoice | None:
    """Return a filter of which at most one value is selected; None for several, see `several_values`."""
    if len(selected) > 1:
        return None
    value = selected[0] if selected else ""
    if not choices:
        return FilterChoice(name, title, value, ())
    return FilterChoice(name, title, value, _with_selected([ALL, *choices.items()], value))
