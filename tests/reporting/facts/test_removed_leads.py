"""Leads that their source no longer has: merged ones count once, deleted ones stay without a value."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Engine, select

from crm.lead_history import HistoryCounts, LeadHistory
from crm.rejects import TableCounts
from leadworth.channel_groups import shipped
from leadworth.settings import Settings
from reporting.facts.crm_parts import CrmReader
from reporting.facts.refresh import FactSources, refresh
from reporting.facts.removed_leads import RemovedLeads
from store import response_bins
from store.credit_schema import credit_days
from store.drill_down import LeadSelection, lead_totals
from store.report_schema import channel_days, lead_days, lead_facts, outcome_days
from store.report_scope import ReportScope
from store.timestamps import stamp
from tests.reporting.facts.test_refresh import NOW, SCORE, decide
from tests.store.stored_touches import stored_touches

DAY = timedelta(days=1)
OPEN = {"won": False, "won_at": pd.NaT, "revenue": float("nan")}


def won(at: datetime, revenue: float) -> dict[str, Any]:
    return {"won": True, "won_at": pd.Timestamp(at), "revenue": revenue}


def source(leads: dict[str, tuple[float, dict[str, Any]]], removed: RemovedLeads | None = None) -> FactSources:
    """Return a source with leads (id -> age in days, outcome), of which the open ones have a score."""
    rows = [
        {"lead_id": key, "submitted_at": pd.Timestamp(NOW - days * DAY), "source": "google", "medium": "cpc"}
        for key, (days, _) in leads.items()
    ]
    outcomes = [{"lead_id": key, **outcome} for key, (_, outcome) in leads.items()]
    accounts = pd.Series(["acme"] * len(rows), dtype=object)
    history = LeadHistory(
        pd.DataFrame(rows), pd.DataFrame(outcomes), {}, HistoryCounts(TableCounts("leads", 0, 0, 0)), accounts=accounts
    )
    reader = CrmReader(history, {}, frozenset(), shipped(), NOW)
    now = {key: SCORE for key, (_, outcome) in leads.items() if not outcome["won"]}
    return FactSources(reader, now=now, removed=removed or RemovedLeads(ids=frozenset()))


def facts(engine: Engine) -> dict[str, dict[str, Any]]:
    with engine.connect() as connection:
        return {row["lead_id"]: dict(row) for row in connection.execute(select(lead_facts)).mappings()}


def sums(engine: Engine) -> dict[str, int]:
    """Return the sums of the report, which are the same in all of its tables."""
    names = ("leads", "won", "revenue_micros", "open_scored")
    with engine.connect() as connection:
        first, second = (
            {name: sum(row[name] for row in rows) for name in names}
            for rows in (connection.execute(select(table)).mappings().all() for table in (lead_days, channel_days))
        )
        by_win = sum(connection.execute(select(outcome_days.c.revenue_micros)).scalars())
        credit = sum(
            connection.execute(select(credit_days.c.last_micros).where(credit_days.c.basis == "win")).scalars()
        )
    assert first == second
    assert by_win == credit == first["revenue_micros"]
    return first


def test_a_merged_lead_counts_once_with_its_survivor(engine: Engine, settings: Settings) -> None:
    decide(engine, "first", NOW - 30 * DAY, win_probability=0.4, mql=True, source="fb", medium="cpc")
    win = won(NOW - 2 * DAY, 1000.0)
    before = {"first": (30.0, win), "second": (20.0, OPEN), "other": (10.0, OPEN)}
    refresh(engine, settings, now=NOW, sources=source(before))
    assert sums(engine) == {"leads": 3, "won": 1, "revenue_micros": 10**9, "open_scored": 2}
    removed = RemovedLeads({"first": "second"}, frozenset({"first"}))
    after = source({"second": (20.0, win), "other": (10.0, OPEN)}, removed)
    for hours in (1, 2):
        counts = refresh(engine, settings, now=NOW + timedelta(hours=hours), sources=after)
        assert sums(engine) == {"leads": 2, "won": 1, "revenue_micros": 10**9, "open_scored": 1}
    assert counts.facts == 0
    survivor = facts(engine)["second"]
    assert survivor["mql_at"] == stamp(NOW - 20 * DAY)
    assert survivor["submit_win_ppm"] == 400_000
    with engine.connect() as connection:
        assert [touch.channel for touch in stored_touches(connection, ["second"])] == ["Paid Social", "Paid Search"]
        assert stored_touches(connection, ["first"]) == []


def test_a_lead_merged_into_one_without_facts_stays(engine: Engine, settings: Settings) -> None:
    refresh(engine, settings, now=NOW, sources=source({"A": (5.0, OPEN)}))
    removed = RemovedLeads({"A": "unknown"}, frozenset({"A"}))
    refresh(engine, settings, now=NOW, sources=source({"B": (4.0, OPEN)}, removed))
    found = facts(engine)
    assert sorted(found) == ["A", "B"]
    assert found["A"]["gone_at"] is not None


def test_a_deleted_lead_stays_a_lead_with_what_happened_and_without_a_value(engine: Engine, settings: Settings) -> None:
    everyone = {"open": (20.0, OPEN), "won": (30.0, won(NOW - DAY, 500.0)), "here": (10.0, OPEN)}
    refresh(engine, settings, now=NOW, sources=source(everyone))
    gone = RemovedLeads(ids=frozenset({"open", "won", "never seen"}))
    refresh(engine, settings, now=NOW + DAY, sources=source({"here": everyone["here"]}, gone))
    assert sums(engine) == {"leads": 3, "won": 1, "revenue_micros": 500_000_000, "open_scored": 1}
    found = facts(engine)
    assert [found[key]["value_micros"] for key in ("open", "won")] == [None, None]
    assert found["open"]["mql_at"] is not None
    refresh(engine, settings, now=NOW + 2 * DAY, sources=source(everyone))  # it was restored
    assert sums(engine)["open_scored"] == 2
    assert {row["gone_at"] for row in facts(engine).values()} == {None}


def test_a_deleted_lead_is_no_open_deal_and_waits_for_no_answer(engine: Engine, settings: Settings) -> None:
    engaged = {**OPEN, "engaged_at": pd.Timestamp(NOW - DAY)}
    refresh(engine, settings, now=NOW, sources=source({"A": (5.0, engaged), "B": (4.0, engaged)}))
    gone = RemovedLeads(ids=frozenset({"A"}))
    refresh(engine, settings, now=NOW, sources=source({"B": (4.0, engaged)}, gone))
    with engine.connect() as connection:
        rows = connection.execute(select(lead_days.c.deal_sqls, lead_days.c.sql)).all()
        behind = LeadSelection(
            ReportScope(), date(2026, 11, 1), date(2026, 11, 20), ZoneInfo("UTC"), ("leads", "deals_sql_micros")
        )
        _, totals = lead_totals(connection, behind)
        ends = [end for *_, end in response_bins.contacts(connection, "2026-11-01", "2026-11-20")]
    assert [sum(column) for column in zip(*rows, strict=True)] == [1, 2]
    assert totals == {"leads": 2, "deals_sql_micros": 500_000_000}
    assert sorted(end or "" for end in ends) == ["", stamp(NOW)]


def test_a_deal_that_moved_to_another_lead_counts_once(engine: Engine, settings: Settings) -> None:
    win = won(NOW - DAY, 1000.0)
    refresh(engine, settings, now=NOW, sources=source({"old": (20.0, win), "new": (10.0, OPEN)}))
    gone = RemovedLeads(ids=frozenset({"old"}))
    for _ in range(2):
        refresh(engine, settings, now=NOW + DAY, sources=source({"new": (10.0, win)}, gone))
        assert sums(engine) == {"leads": 2, "won": 1, "revenue_micros": 10**9, "open_scored": 0}


def test_leads_that_an_export_lacks(engine: Engine, settings: Settings) -> None:
    decide(engine, "not in the CRM yet", NOW - 35 * DAY, win_probability=0.4)
    ages = {"old": 90.0, "first": 50.0, "lacking": 40.0, "last": 30.0, "new": 5.0}
    refresh(engine, settings, now=NOW, sources=source({key: (days, OPEN) for key, days in ages.items()}))
    left = source({key: (ages[key], OPEN) for key in ("first", "last")}, RemovedLeads())
    refresh(engine, settings, now=NOW + DAY, sources=left)
    assert [key for key, row in facts(engine).items() if row["gone_at"] is not None] == ["lacking"]
    assert facts(engine)["not in the CRM yet"]["value_micros"] is not None
