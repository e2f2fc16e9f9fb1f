from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from store import lead_facts
from store.lead_facts import Fact
from store.lead_rollups import KEYS, SUMS, rewrite_days, rewrite_outcomes
from store.report_schema import lead_days, lead_months, outcome_days
from tests.store.fact_rows import fact, random_facts

ROME = ZoneInfo("Europe/Rome")
EVENTS = {"mql": "mql_at", "sql": "sql_at", "quoted": "quote_at", "won": "won_at", "lost": "lost_at"}


def sums(facts: list[Fact]) -> dict[str, int]:
    """Return the sums of facts, added up by Python."""
    total = Counter[str](dict.fromkeys(SUMS, 0))
    for row in facts:
        won, lost = row["won_at"] is not None, row["lost_at"] is not None
        total["leads"] += 1
        if row["junk_ppm"] is not None:
            total["scored"] += 1
            total["genuine_ppm"] += 1_000_000 - row["junk_ppm"]
            total["junk"] += row["junk_ppm"] >= 500_000
        for name, column in EVENTS.items():
            total[name] += row[column] is not None
        if won:
            total["revenue_micros"] += row["revenue_micros"] or 0
            total["revenue_squares"] += (
                ((row["revenue_micros"] or 0) + 500_000)
                // 1_000_000
                * (((row["revenue_micros"] or 0) + 500_000) // 1_000_000)
            )
            total["cost_micros"] += row["cost_micros"] or 0
        if not won and not lost and row["value_micros"] is not None:
            total["open_scored"] += 1
            total["open_win_ppm"] += row["win_ppm"]
            total["open_win_squares_ppm"] += row["win_ppm"] * (1_000_000 - row["win_ppm"]) // 1_000_000
            total["open_value_micros"] += row["value_micros"]
        if row["submit_win_ppm"] is not None:
            total["submit_win_ppm"] += row["submit_win_ppm"]
            total["submit_value_micros"] += row["submit_value_micros"]
            total["submit_won"] += won
            total["submit_revenue_micros"] += (row["revenue_micros"] or 0) if won else 0
        if not won and not lost and (row["quote_at"] or row["sql_at"]):
            deals, micros = (
                ("deal_quotes", "deal_quote_micros") if row["quote_at"] else ("deal_sqls", "deal_sql_micros")
            )
            total[deals] += 1
            total[micros] += row["expected_revenue_micros"] or 0
    return dict(total)


def rows(connection: Connection, table: Any) -> list[dict[str, Any]]:
    return sorted(
        (dict(row) for row in connection.execute(select(table)).mappings()),
        key=lambda row: list(map(str, row.values())),
    )


def clear(connection: Connection) -> None:
    for table in (lead_facts.lead_facts, lead_days, lead_months, outcome_days):
        connection.execute(table.delete())


def build(connection: Connection, facts: list[Fact]) -> None:
    lead_facts.write(connection, facts)
    rewrite_days(connection, lead_facts.days(connection))
    days = {
        str(datetime.fromisoformat(row[name]).astimezone(ROME).date())
        for row in facts
        for name in EVENTS.values()
        if row[name]
    }
    rewrite_outcomes(connection, days, ROME)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    count=st.integers(0, 60),
    seed=st.integers(0, 10_000),
    chosen=st.fixed_dictionaries(
        {},
        optional={
            "channel": st.sampled_from(["Paid Search", "Paid Social", "Direct", "none"]),
            "campaign_key": st.sampled_from(["google_ads:1:0", "google_ads:1:1"]),
            "country": st.sampled_from(["IT", ""]),
            "day": st.sampled_from(["2026-11-01", "2026-10-25", "2026-11-20"]),
        },
    ),
)
def test_rollups_are_the_sums_of_the_facts_under_any_filter(
    connection: Connection, count: int, seed: int, chosen: dict[str, str]
) -> None:
    clear(connection)
    facts = random_facts(count, seed, zone=ROME)
    build(connection, facts)
    inside = [row for row in facts if all(row[name] == value for name, value in chosen.items())]
    kept = [row for row in rows(connection, lead_days) if all(row[name] == value for name, value in chosen.items())]
    assert {name: sum(row[name] for row in kept) for name in SUMS} == sums(inside)
    if "day" not in chosen:
        kept = [
            row for row in rows(connection, lead_months) if all(row[name] == value for name, value in chosen.items())
        ]
        assert {name: sum(row[name] for row in kept) for name in SUMS} == sums(inside)
        kept = [
            row for row in rows(connection, outcome_days) if all(row[name] == value for name, value in chosen.items())
        ]
        for name, column in EVENTS.items():
            assert sum(row[name] for row in kept) == sum(row[column] is not None for row in inside)
        won = [row for row in inside if row["won_at"]]
        for name in ("revenue_micros", "cost_micros"):
            assert sum(row[name] for row in kept) == sum(row[name] or 0 for row in won)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), changes=st.integers(1, 10))
def test_a_part_written_again_is_the_whole_written_at_once(connection: Connection, seed: int, changes: int) -> None:
    clear(connection)
    facts, changed = random_facts(40, seed, zone=ROME), random_facts(changes, seed + 1, zone=ROME)
    build(connection, facts)
    old = {row["lead_id"]: row for row in facts}
    lead_facts.write(connection, changed)
    touched = [*changed, *(old[row["lead_id"]] for row in changed)]
    days = {row["day"] for row in touched}
    events = {
        str(datetime.fromisoformat(row[name]).astimezone(ROME).date())
        for row in touched
        for name in EVENTS.values()
        if row[name]
    }
    for _ in range(2):  # twice is once
        rewrite_days(connection, days)
        rewrite_outcomes(connection, events, ROME)
    parts = [rows(connection, table) for table in (lead_days, lead_months, outcome_days)]
    everything = list((old | {row["lead_id"]: row for row in changed}).values())
    clear(connection)
    build(connection, everything)
    assert parts == [rows(connection, table) for table in (lead_days, lead_months, outcome_days)]


@pytest.mark.parametrize(
    ("won_at", "day"),
    [
        ("2026-10-24T21:59:59.000000+00:00", "2026-10-24"),  # summer time, two hours ahead
        ("2026-10-24T22:00:00.000000+00:00", "2026-10-25"),
        ("2026-10-25T22:59:59.000000+00:00", "2026-10-25"),  # a day of 25 hours
        ("2026-10-25T23:00:00.000000+00:00", "2026-10-26"),
        ("2026-03-29T00:59:59.999999+00:00", "2026-03-29"),
    ],
)
def test_an_event_has_the_day_of_the_zone(connection: Connection, won_at: str, day: str) -> None:
    lead_facts.write(connection, [fact("A", won_at=won_at, revenue_micros=5)])
    rewrite_outcomes(connection, [day, "2026-03-01", "2026-10-20"], ROME)
    [row] = rows(connection, outcome_days)
    assert (row["day"], row["won"], row["revenue_micros"], row["lost"]) == (day, 1, 5, 0)


def test_a_day_that_lost_its_leads_loses_its_rows(connection: Connection) -> None:
    facts = [fact("A", won_at=fact("B")["submitted_at"])]
    build(connection, facts)
    connection.execute(lead_facts.lead_facts.delete())
    rewrite_days(connection, [facts[0]["day"]])
    rewrite_outcomes(connection, [facts[0]["day"]], ROME)
    assert [rows(connection, table) for table in (lead_days, lead_months, outcome_days)] == [[], [], []]


def test_money_so_large_that_its_squares_have_no_integer(connection: Connection) -> None:
    won_at = fact("A")["submitted_at"]
    lead_facts.write(connection, [fact(name, won_at=won_at, revenue_micros=9 * 10**17) for name in "ABCDEFGHI"])
    rewrite_days(connection, lead_facts.days(connection))
    [row] = rows(connection, lead_days)
    assert (row["revenue_micros"], row["revenue_squares"]) == (81 * 10**17, 9 * 10**18)


def test_keys_are_those_of_the_tables() -> None:
    assert [column.name for column in lead_days.primary_key] == ["day", *KEYS]
