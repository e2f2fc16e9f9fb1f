"""Sums after an erasure are those of the leads that are left."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select

from leadworth.settings import Settings
from reporting.facts.refresh import refresh
from reporting.facts.report_days import report_zone
from reporting.facts.rollup_correction import affected_sums, correct_sums
from store import lead_facts, person_rows
from store.credit_schema import credit_days, credit_months, stage_days
from store.report_schema import lead_days, outcome_days, response_bins
from tests.store.fact_rows import random_facts

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TABLES = (lead_days, outcome_days, response_bins, stage_days, credit_days, credit_months)


def tables(engine: Engine) -> list[list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return [sorted(map(tuple, connection.execute(select(table)))) for table in TABLES]


def test_all_sums_are_those_of_a_whole_refresh(engine: Engine, settings: Settings) -> None:
    with engine.begin() as connection:
        lead_facts.write(connection, random_facts(200, 1, zone=report_zone(settings)))
    refresh(engine, settings, now=NOW, full=True)
    leads = [f"L{number}" for number in range(0, 200, 7)]
    with engine.begin() as connection:
        affected = affected_sums(connection, leads, report_zone(settings))
        person_rows.delete_rows(connection, leads, [], [])
        assert correct_sums(connection, settings, affected, NOW) > 0
    corrected = tables(engine)
    refresh(engine, settings, now=NOW, full=True)
    assert corrected == tables(engine)
