"""Every metric that the settings can name is shown: imported counts, queries, stages, matching, quarters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from leadworth.settings import Settings
from reporting.imports.import_rows import METRIC_NAMES
from reporting.metrics.registry import METRICS
from reporting.page.page_model import LadderRow
from reporting.pulls.campaign_counts import EMAIL_COUNTS
from reporting.pulls.search_console.adapter import TOTALS
from reporting.views.imported_inputs import INPUTS, READ, UNUSED
from reporting.views.report_filters import ReportFilters
from reporting.views.report_page import build_page
from store.engine import open_engine
from store.migrate import upgrade
from store.report_schema import metric_days, query_days, response_bins
from tests.reporting.make_facts import NOW, insert_facts, random_facts

TODAY = NOW.date()
COUNTS = {
    "email_sent": 1_000,
    "email_delivered": 970,
    "email_trackable": 600,
    "email_opens": 150,
    "email_clicks": 30,
    "email_subscribes": 9,
    "email_unsubscribes": 3,
    "webinar_registered": 300,
    "webinar_attended": 120,
    "event_registered": 150,
    "event_attended": 90,
    "downloads": 210,
    "social_reactions": 10,
    "social_comments": 4,
    "social_shares": 1,
    "social_impressions": 1_000,
    "social_likes": 5,
    "inbound_links": 4,
    "sign_ups": 8,
    "log_ins": 90,
    "customers": 100,
    "customers_lost": 2,
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    with engine.connect() as connection:
        made = random_facts(3, leads=900, days=700)
        spend = [{**row, "eligible_impressions": 2.0 * row["impressions"]} for row in made.spend]
        insert_facts(connection, type(made)(made.leads, spend, made.traffic))
        connection.execute(insert(metric_days), list(counts()))
        connection.execute(insert(query_days), list(queries()))
        week = (TODAY - timedelta(days=TODAY.weekday() + 7)).isoformat()
        bins = [{"week": week, "channel": "Email", "hours": "business", "bin": n, "touched": 3, "untouched": 1}
                for n in range(0, 30, 10)]  # fmt: skip
        connection.execute(insert(response_bins), bins)
        connection.commit()
        yield connection
    engine.dispose()


def counts() -> Iterator[dict[str, Any]]:
    for ago in (3, 5):
        for name, count in COUNTS.items():
            day = (TODAY - timedelta(days=ago)).isoformat()
            common = {"account_id": "1", "campaign_key": "", "channel": "Email", "import_id": "i"}
            yield {"name": name, "day": day, "count": count, **common}


def queries() -> Iterator[dict[str, Any]]:
    day = (TODAY - timedelta(days=4)).isoformat()
    rows = [
        ("organic", "valve", 1_200, None),
        ("organic", "pump", 300, None),
        ("organic", "acme valve", 50, None),
        ("organic", "", 9_000, None),
        ("paid", "valve", 50, 90_000_000),
        ("paid", "", 100, 400_000_000),
    ]
    for kind, query, clicks, cost in rows:
        common = {"account_id": "1", "day": day, "country": "IT", "impressions": 1, "import_id": "i"}
        money = {"cost_micros": cost, "converted_micros": cost, "currency": "EUR" if cost else None}
        yield {"kind": kind, "query": query, "clicks": clicks, **money, **common}


def rows_of(connection: Connection, folder: Path, names: list[str], **filters: Any) -> dict[str, LadderRow]:
    report = {
        "ladder": ["revenue", "genuine_leads", *names],
        "monthly_revenue": 500.0,
        "monthly_churn": 0.02,
        "incremental_cost": 10.0,
        "brand_words": ["acme"],
    }
    settings = Settings(currency="EUR", timezone="Europe/Rome", leads={}, report=report, folder=folder)
    page = build_page(connection, settings, ReportFilters(**filters), money=True, now=NOW)
    return {row.figure.metric: row for row in page.ladder}


def test_a_goal_of_an_imported_count_has_its_progress(connection: Connection, tmp_path: Path) -> None:
    goal = '[[goal]]\nmetric = "downloads"\nto = 1000\nperiod = "2026"\nowner = "Ana"\n'
    (tmp_path / "goals.toml").write_text(goal, encoding="utf-8")
    report = {"ladder": ["revenue", "genuine_leads", "downloads"]}
    settings = Settings(currency="EUR", timezone="Europe/Rome", leads={}, report=report, folder=tmp_path)
    page = build_page(connection, settings, ReportFilters(), money=True, now=NOW)
    assert page.goals is not None
    [figure] = page.goals.goals
    assert figure.quantity is not None
    assert figure.quantity.value == 2 * COUNTS["downloads"]
    assert figure.goal is not None
    assert figure.goal.probability is not None


def value(row: LadderRow) -> float:
    assert row.figure.quantity is not None, row.figure
    return row.figure.quantity.value


def test_a_row_of_any_metric_shows_it(connection: Connection, tmp_path: Path) -> None:
    names = [name for name in METRICS if name not in ("revenue", "genuine_leads")]
    names = [name for name in names if not name.startswith("target_revenue")]  # a goal, in the block of goals
    for begin in range(0, len(names), 6):
        rows = rows_of(connection, tmp_path, names[begin : begin + 6])
        withheld = {name: row.figure.note for name, row in rows.items() if row.figure.quantity is None}
        assert set(withheld) <= {"velocity_sql_quote"}  # half of the SQLs have no quote
        assert all(note is not None and "fewer than half" in note.text for note in withheld.values())


def test_imported_counts_are_rates_of_sums_and_churn_is_of_the_customers_at_the_start(
    connection: Connection, tmp_path: Path
) -> None:
    rows = rows_of(connection, tmp_path, ["email_delivery", "webinar_attendance", "downloads", "churn"])
    assert value(rows["email_delivery"]) == 0.97
    assert value(rows["webinar_attendance"]) == 0.4
    assert value(rows["downloads"]) == 420
    assert value(rows["churn"]) == 0.04
    assert rows["downloads"].figure.href is None
    assert sum(point or 0 for point in rows["downloads"].points) == 420


def test_organic_clicks_at_the_price_of_the_query_without_totals_and_brand(
    connection: Connection, tmp_path: Path
) -> None:
    [row] = [row for name, row in rows_of(connection, tmp_path, ["organic_traffic_value"]).items() if "organic" in name]
    assert value(row) == pytest.approx(1_200 * 1.80 + 300 * 4.00)
    assert row.figure.note is not None


def test_every_name_that_imports_and_pulls_write_is_read_or_unused_on_purpose() -> None:
    inputs = {name for metric in METRICS.values() for name in metric.inputs}
    assert inputs >= INPUTS
    assert set(METRIC_NAMES) <= READ | UNUSED
    assert {*EMAIL_COUNTS, *TOTALS.values()} <= READ | UNUSED


def test_impression_share_is_of_sums(connection: Connection, tmp_path: Path) -> None:
    assert value(rows_of(connection, tmp_path, ["impression_share"])["impression_share"]) == pytest.approx(0.5)


def test_what_has_no_country_is_withheld_with_a_reason(connection: Connection, tmp_path: Path) -> None:
    row = rows_of(connection, tmp_path, ["downloads"], country=("IT",))["downloads"]
    assert row.figure.quantity is None
    assert row.figure.note is not None
    assert "filters" in row.figure.note.text


def test_leads_of_the_quarter_whatever_the_period(connection: Connection, tmp_path: Path) -> None:
    row = rows_of(connection, tmp_path, ["leads_per_quarter"], period="2026-09")["leads_per_quarter"]
    made = random_facts(3, leads=900, days=700)
    assert value(row) == sum(lead["day"] >= date(2026, 10, 1).isoformat() for lead in made.leads)
