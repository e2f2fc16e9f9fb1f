from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from leadworth.campaign_keys import UNMATCHED
from leadworth.encryption import IdentifierCipher
from leadworth.settings import Settings
from reporting.facts.fact_builder import LeadScore
from reporting.facts.refresh import FactSources, refresh
from store import decision_log, lead_facts, report_refreshes
from store.credit_schema import credit_days, credit_months, stage_days, stage_months
from store.report_schema import (
    click_campaigns,
    lead_days,
    lead_months,
    outcome_days,
    response_bins,
    spend_days,
    traffic_days,
    traffic_weeks,
)
from store.timestamps import stamp
from tests.reporting.facts.spend_rows import add_spend
from tests.store.fact_rows import fact, random_facts
from tests.store.rows import decision_row
from tests.store.stored_touches import stored_touches

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROLLUPS = (
    lead_days,
    lead_months,
    outcome_days,
    response_bins,
    stage_days,
    stage_months,
    credit_days,
    credit_months,
)
SCORE = LeadScore(0.2, 500.0, 80.0, 0.01, True, "2")


def decide(engine: Engine, lead_id: str, at: datetime, **values: Any) -> None:
    times = {"scored_at": stamp(at), "submitted_at": stamp(at), "decision_id": f"{int(at.timestamp() * 1e6):032x}"}
    with engine.begin() as connection:
        decision_log.insert(connection, [decision_row(lead_id, **{**times, "form_id": "f", **values})])


def fact_of(engine: Engine, lead_id: str) -> dict[str, Any]:
    with engine.connect() as connection:
        return lead_facts.of_leads(connection, [lead_id])[lead_id]


def tables(engine: Engine) -> list[list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return [sorted(map(tuple, connection.execute(select(table)))) for table in ROLLUPS]


def test_a_decision_becomes_a_fact(engine: Engine, settings: Settings) -> None:
    at = NOW - timedelta(days=2)
    decide(
        engine, "A", at, win_probability=0.25, predicted_value=100.0, junk_probability=0.1, source="FB", medium="CPC",
        campaign="Spring", country="IT", account_key="k", entry="form",
    )  # fmt: skip
    counts = refresh(engine, settings, now=NOW)
    assert (counts.leads, counts.facts, counts.touches) == (1, 1, 1)
    found = fact_of(engine, "A")
    assert found["channel"] == "Paid Social"
    assert (found["source"], found["medium"], found["campaign_key"]) == ("FB", "CPC", "name:spring")
    assert (found["submit_win_ppm"], found["win_ppm"], found["junk_ppm"]) == (250_000, 250_000, 100_000)
    assert (found["submit_value_micros"], found["value_micros"]) == (100_000_000, 100_000_000)
    assert found["mql_at"] == stamp(at)
    assert (found["country"], found["account_key"], found["entry"], found["won_at"]) == ("IT", "k", "form", None)
    with engine.connect() as connection:
        [touch] = stored_touches(connection, ["A"])
        [row] = connection.execute(select(lead_days)).mappings()
    assert (touch.kind, touch.channel, touch.at) == ("form", "Paid Social", at)
    assert (row["leads"], row["genuine_ppm"], row["open_value_micros"]) == (1, 900_000, 100_000_000)


def test_a_second_refresh_changes_nothing(engine: Engine, settings: Settings) -> None:
    for number in range(5):
        decide(engine, f"L{number}", NOW - timedelta(days=number), mql=number % 2 == 0)
    refresh(engine, settings, now=NOW)
    before = tables(engine)
    counts = refresh(engine, settings, now=NOW)
    assert (counts.leads, counts.facts, counts.touches) == (5, 0, 0)
    assert tables(engine) == before
    with engine.connect() as connection:
        newest = report_refreshes.newest(connection)
    assert newest is not None
    assert newest.started_at == NOW


def test_the_decision_at_submit_and_the_newest_one(engine: Engine, settings: Settings) -> None:
    at = NOW - timedelta(days=3)
    decide(engine, "A", at, win_probability=0.1, mql=False, source="first")
    decide(engine, "A", at + timedelta(minutes=5), win_probability=0.2, mql=False, source="corrected")
    decide(engine, "A", at + timedelta(days=1), win_probability=0.3, mql=True, source="later", age_days=1.0)
    refresh(engine, settings, now=NOW)
    found = fact_of(engine, "A")
    assert (found["submit_win_ppm"], found["win_ppm"], found["source"]) == (200_000, 300_000, "corrected")
    assert found["mql_at"] == stamp(at + timedelta(days=1))


def test_scores_of_open_leads_stay_until_a_newer_decision(engine: Engine, settings: Settings) -> None:
    decide(engine, "A", NOW - timedelta(days=30), win_probability=0.5, predicted_value=900.0, mql=False)
    sources = FactSources(now={"A": SCORE})
    refresh(engine, settings, now=NOW, sources=sources)
    assert fact_of(engine, "A")["value_micros"] == 80_000_000
    assert fact_of(engine, "A")["mql_at"] == stamp(NOW)
    assert refresh(engine, settings, now=NOW + timedelta(hours=1), sources=sources).facts == 0
    decide(engine, "A", NOW + timedelta(days=1), win_probability=0.5, predicted_value=700.0, age_days=31.0)
    refresh(engine, settings, now=NOW + timedelta(days=2))
    found = fact_of(engine, "A")
    assert (found["value_micros"], found["submit_value_micros"]) == (700_000_000, 900_000_000)


def test_leads_meet_their_campaigns_by_click_when_the_platform_says_so_later(
    engine: Engine, settings: Settings
) -> None:
    digest = IdentifierCipher.from_settings(settings).click_digest("Cj0")
    decide(engine, "A", NOW - timedelta(days=2), click_platform="google_ads", click=digest)
    with engine.begin() as connection:
        add_spend(connection, channel="Cross-network", network="MIXED")
    refresh(engine, settings, now=NOW)
    assert fact_of(engine, "A")["campaign_key"] == UNMATCHED
    with engine.begin() as connection:
        row = {"click": digest, "platform": "google_ads", "account_id": "1", "campaign_id": "7", "day": "2026-11-18"}
        connection.execute(click_campaigns.insert(), row)
    refresh(engine, settings, now=NOW + timedelta(hours=1))
    found = fact_of(engine, "A")
    assert (found["campaign_key"], found["matched_by"], found["channel"]) == (
        "google_ads:1:7",
        "click",
        "Cross-network",
    )
    with engine.connect() as connection:
        [row] = connection.execute(select(lead_days)).mappings()
    assert (row["campaign_key"], row["channel"], row["leads"]) == ("google_ads:1:7", "Cross-network", 1)


def test_no_match_changes_the_sum_of_the_cost(engine: Engine, settings: Settings) -> None:
    with engine.begin() as connection:
        add_spend(connection)
        add_spend(connection, account_id="2")
        add_spend(connection, platform="microsoft", campaign_id="9")
        add_spend(connection, day="2026-11-11", cost_micros=-3_000_000)
    for number in range(4):
        decide(engine, f"L{number}", NOW - timedelta(days=number), source="google", medium="cpc", campaign="Brand")
    refresh(engine, settings, now=NOW)
    with engine.connect() as connection:
        cost = sum(row["cost_micros"] for row in connection.execute(select(spend_days)).mappings())
        keys = {row["campaign_key"] for row in connection.execute(select(lead_days)).mappings()}
        by_key: dict[str, int] = {}
        for row in connection.execute(select(spend_days)).mappings():
            by_key[row["campaign_key"]] = by_key.get(row["campaign_key"], 0) + row["cost_micros"]
    assert cost == 27_000_000
    assert sum(by_key.get(key, 0) for key in {*keys, *by_key}) == cost


def test_incremental_equals_full(engine: Engine, settings: Settings) -> None:
    for number in range(30):
        decide(engine, f"L{number}", NOW - timedelta(days=number * 3, hours=number), mql=number % 3 == 0)
    refresh(engine, settings, now=NOW - timedelta(days=10))
    for number in range(20, 40):
        decide(engine, f"L{number}", NOW - timedelta(days=2, minutes=number), win_probability=0.7, age_days=5.0)
    refresh(engine, settings, now=NOW)
    parts = tables(engine)
    refresh(engine, settings, now=NOW, full=True)
    assert tables(engine) == parts


def test_the_sums_of_days_whose_facts_are_gone_stay(engine: Engine, settings: Settings) -> None:
    old = NOW - timedelta(days=settings.retention.facts_days + 10)
    with engine.begin() as connection:
        lead_facts.write(connection, [fact("old", old)])
        connection.execute(
            lead_days.insert(),
            {"day": str(old.date()), "channel": "Direct", "campaign_key": "", "country": "", "leads": 5},
        )
        lead_facts.delete_submitted_before(connection, old + timedelta(days=1))
    refresh(engine, settings, now=NOW, full=True)
    with engine.connect() as connection:
        assert [row["leads"] for row in connection.execute(select(lead_days)).mappings()] == [5]


def test_a_dry_run_writes_nothing(engine: Engine, settings: Settings) -> None:
    decide(engine, "A", NOW)
    counts = refresh(engine, settings, now=NOW, dry_run=True)
    assert (counts.facts, counts.rows) == (1, 0)
    with engine.connect() as connection:
        assert lead_facts.count(connection) == 0
        assert report_refreshes.newest(connection) is None


def test_only_some_days(engine: Engine, settings: Settings) -> None:
    refresh(engine, settings, now=NOW - timedelta(days=1))
    decide(engine, "A", NOW - timedelta(days=5))
    decide(engine, "B", NOW)
    assert refresh(engine, settings, now=NOW, since_day=date(2026, 11, 19)).leads == 1


def test_traffic_is_added_up_by_week(engine: Engine, settings: Settings) -> None:
    row = {"property_id": "1", "source": "", "medium": "", "campaign_id": "", "campaign_name": "", "country": "IT"}
    row |= {"channel": "Direct", "campaign_key": "", "quality": "", "import_id": "i"}
    days = {"2026-11-15": 1, "2026-11-16": 10, "2026-11-22": 100, "2026-11-23": 1_000}
    with engine.begin() as connection:
        connection.execute(
            traffic_days.insert(), [row | {"day": day, "sessions": count} for day, count in days.items()]
        )
    refresh(engine, settings, now=NOW)
    with engine.connect() as connection:
        weeks = {row["week"]: row["sessions"] for row in connection.execute(select(traffic_weeks)).mappings()}
    assert weeks == {"2026-11-09": 1, "2026-11-16": 110, "2026-11-23": 1_000}


@pytest.mark.parametrize("seed", [1, 2])
def test_response_bins_count_each_lead_twice(engine: Engine, settings: Settings, seed: int) -> None:
    with engine.begin() as connection:
        lead_facts.write(connection, random_facts(50, seed, zone=settings.zone))
    refresh(engine, settings, now=NOW, full=True)
    with engine.connect() as connection:
        rows = list(connection.execute(select(response_bins)).mappings())
    for hours in ("clock", "business"):
        assert sum(row["touched"] + row["untouched"] for row in rows if row["hours"] == hours) == 50


def test_a_lead_past_the_horizon_has_no_value_left(engine: Engine, settings: Settings) -> None:
    """Decisions are read for 35 days, and a lead may have been deleted in the CRM."""
    decide(engine, "A", NOW - timedelta(days=2), predicted_value=900.0)
    refresh(engine, settings, now=NOW)
    for days, value in ((360, 900_000_000), (364, None)):
        refresh(engine, settings, now=NOW + timedelta(days=days))
        assert fact_of(engine, "A")["value_micros"] == value
        with engine.connect() as connection:
            [row] = connection.execute(select(lead_days)).mappings()
        assert (row["leads"], row["open_value_micros"]) == (1, value or 0)
