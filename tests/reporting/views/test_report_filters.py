"""Filters in the URL: strict, shortest form, and the same after a round trip."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.views.report_filters import CHOICES, NAMES, FilterError, ReportFilters, parse_filters
from reporting.views.report_period import canonical_period, days_of

CHANNELS = ("Email", "Paid Search", "Paid Social")
TODAY = date(2026, 11, 28)
dates = st.dates(date(2000, 1, 1), date(2026, 12, 31))
periods = st.one_of(
    st.integers(1, 3_660).map("last-{}-days".format),
    st.integers(2000, 2030).map(str),
    st.builds("{}-Q{}".format, st.integers(2000, 2030), st.integers(1, 4)),
    st.builds("{}-{:02}".format, st.integers(2000, 2030), st.integers(1, 12)),
    st.tuples(dates, st.integers(0, 3_000)).map(
        lambda given: f"{given[0]}..{date.fromordinal(given[0].toordinal() + given[1])}"
    ),
)
values = {
    "period": periods,
    "channel": st.sampled_from(CHANNELS),
    "campaign": st.text(min_size=1, max_size=40).filter(str.isprintable),
    "country": st.sampled_from(["IT", "DE", "unknown"]),
    "as_of": dates.map(date.isoformat),
    **{name: st.sampled_from(allowed) for name, allowed in CHOICES.items()},
}
several = ("channel", "campaign", "country")


@st.composite
def queries(draw: st.DrawFn) -> str:
    pairs = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        most = 3 if name in several else 1
        pairs += [(name, value) for value in draw(st.lists(values[name], min_size=1, max_size=most))]
    return urlencode(draw(st.permutations(pairs)))


@given(queries())
def test_the_shortest_form_means_the_same_and_is_stable(query: str) -> None:
    filters = parse_filters(query, CHANNELS)
    short = filters.query
    assert parse_filters(short, CHANNELS) == filters
    assert parse_filters(short, CHANNELS).query == short
    assert "&&" not in short
    assert len(short) <= len(query)


@given(queries())
def test_no_default_value_and_no_empty_parameter_is_written(query: str) -> None:
    short = parse_filters(query, CHANNELS).query
    for pair in filter(None, short.split("&")):
        name, _, value = pair.partition("=")
        assert value
        assert value != getattr(ReportFilters(), name)


@given(periods)
def test_a_canonical_period_has_the_same_days(period: str) -> None:
    short = canonical_period(period)
    assert days_of(short, TODAY) == days_of(period, TODAY)
    assert len(short) <= len(period)
    assert canonical_period(short) == short


def test_order_and_repetition_do_not_matter() -> None:
    one = parse_filters("channel=Paid+Search&channel=Email&channel=Email&view=cohort", CHANNELS)
    assert one.query == "channel=Email&channel=Paid+Search"
    assert one.scope.channels == ("Email", "Paid Search")


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("chanel=Email", "period, compare, channel"),
        ("channel=Fax", "Email, Paid Search"),
        ("period=yesterday", "last-90-days"),
        ("period=2026-13", "last-90-days"),
        ("period=2026-02-30..2026-03-01", "last-90-days"),
        ("period=2026-03-02..2026-03-01", "last-90-days"),
        ("period=last-0-days", "last-90-days"),
        ("country=Italy", "two capital letters"),
        ("country=it", "two capital letters"),
        ("view=both", "cohort, calendar"),
        ("lang=nl", "en, it, de"),
        ("as_of=28.11.2026", "2026-11-28"),
        ("campaign=a%00b", "campaign key"),
        ("view=cohort&view=calendar", "one value"),
        ("period=%D9%A2%D9%A0%D9%A2%D9%A6", "last-90-days"),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_allowed(query: str, allowed: str) -> None:
    with pytest.raises(FilterError, match=allowed):
        parse_filters(query, CHANNELS)


def test_values_of_a_request_are_not_repeated() -> None:
    with pytest.raises(FilterError) as caught:
        parse_filters("channel=%3Cscript%3E", CHANNELS)
    assert "script" not in str(caught.value)


def test_empty_fields_of_the_form_mean_the_default() -> None:
    assert parse_filters("channel=&campaign=&country=&view=&period=&money=", CHANNELS).query == ""


def test_parameters_of_a_route_are_skipped() -> None:
    assert parse_filters("figure=leads&view=calendar", CHANNELS, further=("figure",)).query == "view=calendar"


def test_the_period_of_comparison() -> None:
    assert ReportFilters(period="2026-Q4").compared_days(TODAY) == days_of("2026-07-01..2026-08-28", TODAY)
    assert ReportFilters(period="2026-Q3").compared_days(TODAY) == days_of("2026-Q2", TODAY)
    assert ReportFilters(compare="year").compared_days(TODAY) == days_of("2025-08-31..2025-11-28", TODAY)
    assert ReportFilters(compare="none").compared_days(TODAY) is None
    assert ReportFilters(period="2026-Q4").days(TODAY).last == TODAY
