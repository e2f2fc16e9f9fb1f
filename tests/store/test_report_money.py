"""Money of the report in another currency."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, select

from store import lead_facts
from store.credit_schema import credit_days
from store.figure_snapshots import FigureSnapshot, store_snapshots
from store.funnel_rollups import rewrite_funnel
from store.lead_rollups import rewrite_days
from store.report_money import convert_money
from store.report_schema import (
    campaign_months,
    channel_days,
    lead_days,
    lead_months,
    outcome_days,
    query_days,
    spend_days,
)
from store.shown_figures import shown_figures
from store.timestamps import stamp
from tests.reporting.facts.spend_rows import add_spend
from tests.store.fact_rows import NOW, fact

KEYS = {"channel": "Paid Search", "campaign_key": "google_ads:1:7", "country": "IT"}
DAY, OLD = "2026-11-20", "2024-11-20"
MILLION = 1_000_000


def rows(connection: Connection, table: Table, *names: str) -> list[Any]:
    return [tuple(row) for row in connection.execute(select(*(table.c[name] for name in names)).order_by(*names))]


def fill(connection: Connection) -> None:
    won = {"won_at": stamp(NOW), "revenue_micros": 100 * MILLION, "cost_micros": 40 * MILLION}
    values = {"submit_win_ppm": 5, "submit_value_micros": 7 * MILLION, "value_micros": 9, "win_ppm": 5}
    lead_facts.write(connection, [fact("won", **won), fact("open", **values, expected_revenue_micros=3)])
    rewrite_days(connection, [DAY])
    sums = {"leads": 1, "won": 1, "revenue_micros": 10 * MILLION, "revenue_squares": 100}
    connection.execute(lead_days.insert(), {"day": OLD, **KEYS, **sums})  # its facts are no longer kept
    connection.execute(outcome_days.insert(), {"day": OLD, **KEYS, "won": 1, "revenue_micros": 10 * MILLION})
    connection.execute(credit_days.insert(), {"basis": "win", "day": OLD, **KEYS, "touched": "Email", "last_micros": 8})
    add_spend(connection, day=DAY, currency="USD", cost_micros=10, converted_micros=9)
    add_spend(connection, day="2026-10-31", currency="USD", cost_micros=10, converted_micros=9)
    add_spend(connection, day=DAY, currency="JPY", cost_micros=10, converted_micros=1, campaign_id="8")
    query = {"account_id": "1", "kind": "paid", "day": DAY, "query": "q", "country": "", "import_id": "i"}
    connection.execute(query_days.insert(), {**query, "currency": "USD", "cost_micros": 10, "converted_micros": 9})
    free = {"kind": "organic", "currency": None, "cost_micros": None, "converted_micros": None}
    connection.execute(query_days.insert(), {**query, **free})
    rewrite_funnel(connection, [OLD, "2026-10-31", DAY])
    store_snapshots(connection, NOW.date(), [FigureSnapshot("revenue", "", 100.0)])


def test_facts_and_sums_are_multiplied_and_spend_is_converted_from_its_own_currency(connection: Connection) -> None:
    fill(connection)
    rates = {("USD", "2026-11"): 3.0, ("USD", "2026-10"): 4.0}
    convert_money(connection, "EUR", 0.5, lambda code, month: rates.get((code, month)))
    facts = lead_facts.of_leads(connection, ["won", "open"])
    assert (facts["won"]["revenue_micros"], facts["won"]["cost_micros"]) == (50 * MILLION, 20 * MILLION)
    assert facts["won"]["value_micros"] is None
    open_lead = facts["open"]
    assert (open_lead["submit_value_micros"], open_lead["submit_win_ppm"]) == (3_500_000, 5)
    assert rows(connection, lead_days, "day", "revenue_micros", "revenue_squares", "won") == [
        (OLD, 5 * MILLION, 25, 1),
        (DAY, 50 * MILLION, 2_500, 1),
    ]
    assert rows(connection, lead_months, "month", "revenue_micros") == [("2026-11", 50 * MILLION)]
    assert rows(connection, credit_days, "last_micros") == [(4,)]
    assert rows(connection, spend_days, "day", "currency", "cost_micros", "converted_micros") == [
        ("2026-10-31", "USD", 10, 40),
        (DAY, "JPY", 10, None),
        (DAY, "USD", 10, 30),
    ]
    assert {row[0] for row in rows(connection, query_days, "converted_micros")} == {30, None}
    assert rows(
        connection, channel_days, "day", "revenue_micros", "event_revenue_micros", "spend_converted_micros"
    ) == [
        (OLD, 5 * MILLION, 5 * MILLION, 0),
        ("2026-10-31", 0, 0, 40),
        (DAY, 50 * MILLION, 0, 30),
    ]
    assert sum(row[0] for row in rows(connection, channel_days, "spend_unconverted")) == 1
    assert sum(row[0] for row in rows(connection, campaign_months, "revenue_micros")) == 55 * MILLION


def test_what_was_shown_stays_in_its_currency(connection: Connection) -> None:
    fill(connection)
    convert_money(connection, "EUR", 0.5, lambda *_: None)
    convert_money(connection, "CHF", 2.0, lambda *_: None)
    shown = shown_figures(connection, NOW.date(), "")["revenue"]
    assert (shown.value, shown.currency) == (100.0, "EUR")
