"""Choices of the form: periods, channels and values that the form does not offer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from reporting.page.languages import Translator
from reporting.page.page_model import FilterChoice, Message
from reporting.views.filter_choices import ALL, filter_choices, several_values
from reporting.views.metric_inputs import ScopeSums
from reporting.views.page_sums import PageSums
from reporting.views.report_filters import ReportFilters
from tests.reporting.views.test_page_sums import made_sums


def by_name(sums: PageSums) -> dict[str, FilterChoice]:
    return {choice.name: choice for choice in filter_choices(sums, {"c1": "Autumn"})}


def test_periods_are_the_last_days_five_quarters_and_two_years(tmp_path: Path) -> None:
    period = by_name(made_sums(tmp_path, today=date(2026, 2, 3)))["period"]
    names = [name for name, _ in period.choices]
    assert names[3:] == ["2026-Q1", "2025-Q4", "2025-Q3", "2025-Q2", "2025-Q1", "2026", "2025"]
    assert period.selected == "last-90-days"
    other = by_name(made_sums(tmp_path, filters=ReportFilters(period="2024-05")))["period"]
    assert other.choices[-1] == ("2024-05", "2024-05")


def test_a_range_of_days_is_written_as_dates(tmp_path: Path) -> None:
    filters = ReportFilters(period="2026-08-17..2026-09-30")
    value, label = by_name(made_sums(tmp_path, filters=filters))["period"].choices[-1]
    assert value == filters.period
    assert isinstance(label, Message)
    assert Translator("en", "UTC").text(label) == "Aug 17, 2026 to Sep 30, 2026"


def test_channels_and_campaigns_start_with_all(tmp_path: Path) -> None:
    filters = ReportFilters(campaign=("gone",))
    choices = by_name(made_sums(tmp_path, channels={"Email": ScopeSums()}, filters=filters))
    assert choices["channel"].choices == (ALL, ("Email", "Email"))
    assert choices["channel"].selected == ""
    assert choices["campaign"].choices == (ALL, ("c1", "Autumn"), ("gone", "gone"))
    assert choices["country"].choices == ()
    assert by_name(made_sums(tmp_path))["channel"].choices == ()


def test_several_values_are_a_notice_instead_of_a_choice(tmp_path: Path) -> None:
    filters = ReportFilters(channel=("Email", "Offline"), campaign=("c1", "c2"))
    choices = by_name(made_sums(tmp_path, filters=filters))
    assert "channel" not in choices
    assert "campaign" not in choices
    notices = several_values(filters, {"c1": "Autumn"})
    assert [notice.message.values["values"] for notice in notices] == ["Email, Offline", "Autumn, c2"]
    assert several_values(ReportFilters(channel=("Email",)), {}) == ()
