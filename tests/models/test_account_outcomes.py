"""Deals of accounts are won once."""

from __future__ import annotations

import pandas as pd

from crm.cell_faults import CellFaults
from crm.lead_history import HistoryCounts, LeadHistory
from crm.rejects import TableCounts
from models.account_outcomes import with_decision_units
from training.labels import label


def day(text: str | None) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def history(rows: list[tuple[str, str, str | None, str | None, float | None]]) -> LeadHistory:
    """Return a history of leads: id, day of submit, account, day of the win, revenue."""
    leads = pd.DataFrame({"lead_id": [row[0] for row in rows], "submitted_at": [day(row[1]) for row in rows]})
    won = [row for row in rows if row[3]]
    outcomes = pd.DataFrame(
        {
            "lead_id": [row[0] for row in won],
            "won": True,
            "won_at": [day(row[3]) for row in won],
            "revenue": [row[4] for row in won],
        }
    )
    counts = HistoryCounts(TableCounts("leads", len(rows), len(rows), 0, None))
    accounts = pd.Series([row[2] for row in rows], dtype="str")
    return LeadHistory(leads, outcomes, {}, counts, lead_cells=CellFaults(), accounts=accounts)


ROWS = [
    ("first", "2026-01-01", "acme", "2026-02-01", 300.0),
    ("second", "2026-01-05", "acme", "2026-02-01", 300.0),
    ("third", "2026-01-09", "acme", None, None),
    ("later", "2026-03-01", "acme", None, None),
    ("other", "2026-01-01", "bolt", None, None),
]


def test_one_lead_carries_the_deal_and_the_others_are_neither_won_nor_lost() -> None:
    made = with_decision_units(history(ROWS))
    labels = label(made.leads, made.outcomes, as_of=day("2026-06-01"), horizon_days=365)
    states = dict(zip(made.leads.loc[labels.index, "lead_id"], labels["state"], strict=True))
    assert states == {"first": "won", "later": "open", "other": "open"}
    assert labels["revenue"].sum() == 600.0


def test_before_the_win_all_leads_of_the_account_are_open() -> None:
    made = with_decision_units(history(ROWS))
    labels = label(made.leads, made.outcomes, as_of=day("2026-01-20"), horizon_days=365)
    assert labels["state"].tolist() == ["open"] * 4


def test_two_deals_of_an_account_are_two_wins() -> None:
    rows = [("a", "2026-01-01", "acme", "2026-02-01", 100.0), ("b", "2026-01-02", "acme", "2026-03-01", 50.0)]
    made = with_decision_units(history(rows))
    labels = label(made.leads, made.outcomes, as_of=day("2026-06-01"), horizon_days=365)
    assert labels["state"].tolist() == ["won", "won"]
    assert labels["revenue"].tolist() == [100.0, 50.0]


def test_without_a_column_of_accounts_nothing_changes() -> None:
    plain = history(ROWS)
    without = LeadHistory(plain.leads, plain.outcomes, {}, plain.counts)
    assert with_decision_units(without) is without
