"""Times from stage to stage: bins of single leads, and the same counts from the rollup and from the leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Engine

from reporting.facts.stage_counts import read_stages, stage_bin_counts
from reporting.statistics.log_bins import bin_of_minutes
from store.report_scope import ReportScope
from tests.reporting.make_facts import COUNTRIES, NOW, insert_facts, random_facts

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(hours: float) -> str:
    return (T0 + timedelta(hours=hours)).isoformat(timespec="microseconds")


def bin_of(hours: float) -> int:
    return int(bin_of_minutes(np.array([60.0 * hours]))[0])


def test_a_lead_is_reached_lost_or_open() -> None:
    rows = [
        ("d", "Email", at(0), at(5), None, None, None),
        ("d", "Email", at(0), None, None, None, at(20)),
        ("d", "Email", at(0), None, None, None, None),
    ]
    counts = stage_bin_counts(rows, T0 + timedelta(hours=90))
    of_mql = {number: of_bin for (_, _, stage, number), of_bin in counts.items() if stage == "mql_sql"}
    assert of_mql == {bin_of(5): [1, 0, 0, 0], bin_of(20): [0, 1, 0, 0], bin_of(90): [0, 0, 1, 1]}
    assert counts["d", "Email", "sql_quote", bin_of(85)] == [0, 0, 0, 1]
    assert stage_bin_counts([], T0) == {}


def test_the_rollup_counts_what_single_leads_say(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_facts(connection, random_facts(5, leads=300, days=120))
    with engine.connect() as connection:
        last = NOW.date()
        for first in (last - timedelta(days=100), last - timedelta(days=9)):
            rollup = read_stages(connection, ReportScope(("Email", "Display")), first, last, NOW)
            everywhere = ReportScope(("Email", "Display"), countries=COUNTRIES)
            assert rollup == read_stages(connection, everywhere, first, last, NOW)
            assert sum(count for of_stage in rollup.values() for counts in of_stage.values() for count in counts) > 0
