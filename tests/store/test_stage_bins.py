"""Rollup of times from stage to stage: days, their months, and ranges over both."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from store import lead_facts
from store.report_scope import ReportScope
from store.stage_bins import replace_stages, stage_counts, stage_moments
from store.timestamps import stamp
from tests.store.fact_rows import NOW, fact

FIRST, LAST = date(2026, 1, 30), date(2026, 4, 2)


def test_ranges_add_days_and_months(connection: Connection) -> None:
    counts = {
        ("2026-02-03", "Email", "mql_sql", 7): [1, 2, 3, 4],
        ("2026-04-01", "Email", "mql_sql", 7): [10, 0, 0, 0],
        ("2026-04-03", "Email", "mql_sql", 7): [100, 0, 0, 0],
        ("2026-03-31", "Direct", "sql_quote", -3): [0, 0, 0, 1],
    }
    assert replace_stages(connection, [key[0] for key in counts], counts) == 4 + 3
    assert stage_counts(connection, ReportScope(), FIRST, LAST) == {
        "mql_sql": {7: (11, 2, 3, 4)},
        "sql_quote": {-3: (0, 0, 0, 1)},
    }
    assert stage_counts(connection, ReportScope(("Direct",)), FIRST, LAST) == {"sql_quote": {-3: (0, 0, 0, 1)}}
    replace_stages(connection, ["2026-02-03"], {})
    assert stage_counts(connection, ReportScope(), FIRST, LAST)["mql_sql"] == {7: (10, 0, 0, 0)}
    assert stage_counts(connection, ReportScope(), LAST, FIRST) == {}


def test_a_lead_that_the_crm_no_longer_has_ends_like_a_lost_one(connection: Connection) -> None:
    mql = {"mql_at": stamp(NOW)}
    rows = [fact("gone", **mql, gone_at="g"), fact("lost", **mql, lost_at="l", gone_at="g"), fact("open", **mql)]
    lead_facts.write(connection, rows)
    moments = stage_moments(connection, ReportScope(), NOW.date(), NOW.date())
    assert sorted(row[-1] or "" for row in moments) == ["", "g", "l"]
