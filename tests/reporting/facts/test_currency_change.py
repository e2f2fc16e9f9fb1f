"""Another currency in the settings: everything of the report is in it, or the refresh stops and the page says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from leadworth.errors import ConfigurationError
from leadworth.settings import Settings
from reporting.facts.currency_change import change_currency, require_currency
from reporting.facts.refresh import FactSources, refresh
from reporting.views.drill_figures import drill_down_of
from reporting.views.report_filters import ReportFilters
from reporting.views.report_page import build_page
from store import report_refreshes
from store.report_schema import channel_days, spend_days
from tests.reporting.facts.spend_rows import add_spend
from tests.reporting.facts.test_refresh import NOW, SCORE, decide, fact_of

DAY = timedelta(days=1)
TOTALS = ("open_value_micros", "submit_value_micros", "spend_converted_micros")


def sums(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        found = connection.execute(select(*(channel_days.c[name] for name in TOTALS))).mappings().all()
    return {name: sum(row[name] for row in found) for name in TOTALS}


def fill(engine: Engine, settings: Settings) -> None:
    decide(engine, "scored later", NOW - 50 * DAY, predicted_value=900.0, currency="EUR")
    decide(engine, "new", NOW - DAY, predicted_value=100.0, expected_revenue=400.0, currency="EUR")
    with engine.begin() as connection:
        add_spend(connection, day="2026-11-19", cost_micros=10_000_000)
    refresh(engine, settings, now=NOW, sources=FactSources(now={"scored later": SCORE}))


def other(settings: Settings, **rates: float) -> Settings:
    return settings.model_copy(update={"currency": "CHF", "currencies": rates})


def test_without_a_rate_the_refresh_stops_and_no_page_is_made(engine: Engine, settings: Settings) -> None:
    fill(engine, settings)
    before = sums(engine)
    for dry_run in (True, False):
        with pytest.raises(ConfigurationError, match=r"are in EUR, .* is CHF(.|\n)*\[currencies\] with EUR = 1.0"):
            refresh(engine, other(settings), now=NOW, dry_run=dry_run)
    assert sums(engine) == before
    with engine.connect() as connection:
        for make in (
            lambda: build_page(connection, other(settings), ReportFilters(), money=True, now=NOW),
            lambda: drill_down_of(connection, other(settings), ReportFilters(), "revenue", NOW),
        ):
            with pytest.raises(ConfigurationError, match="leadworth report build"):
                make()
        require_currency(connection, settings)


def test_all_money_is_converted_once(engine: Engine, settings: Settings) -> None:
    fill(engine, settings)
    assert sums(engine) == dict(zip(TOTALS, (180_000_000, 1_000_000_000, 10_000_000), strict=True))
    changed = other(settings, EUR=0.5)
    refresh(engine, changed, now=NOW, dry_run=True)
    assert fact_of(engine, "new")["value_micros"] == 100_000_000
    for _ in range(2):
        refresh(engine, changed, now=NOW + DAY / 24)
        assert sums(engine) == dict(zip(TOTALS, (90_000_000, 500_000_000, 5_000_000), strict=True))
    new, later = fact_of(engine, "new"), fact_of(engine, "scored later")
    assert (new["value_micros"], new["expected_revenue_micros"]) == (50_000_000, 200_000_000)
    assert (later["value_micros"], later["submit_value_micros"]) == (40_000_000, 450_000_000)
    with engine.connect() as connection:
        require_currency(connection, changed)


def test_a_decision_in_another_currency_is_converted(engine: Engine, settings: Settings) -> None:
    decide(engine, "A", NOW - DAY, predicted_value=100.0, expected_revenue=400.0, currency="EUR")
    with pytest.raises(ConfigurationError, match="decisions of the store are in EUR"):
        refresh(engine, other(settings), now=NOW)
    refresh(engine, other(settings, EUR=2.0), now=NOW)
    found = fact_of(engine, "A")
    assert (found["value_micros"], found["expected_revenue_micros"]) == (200_000_000, 800_000_000)


def test_spend_in_the_new_currency_counts_as_it_is(engine: Engine, settings: Settings) -> None:
    fill(engine, settings)
    with engine.begin() as connection:
        add_spend(connection, day="2026-11-18", currency="CHF", cost_micros=3_000_000, converted_micros=None)
    assert change_currency(engine, other(settings, EUR=0.5))
    assert not change_currency(engine, other(settings, EUR=0.5))
    with engine.connect() as connection:
        assert sorted(connection.execute(select(spend_days.c.converted_micros)).scalars()) == [3_000_000, 5_000_000]
        last = report_refreshes.newest(connection)
    assert last is not None
    assert (last.currency, last.started_at) == ("CHF", NOW)
