"""Features among the unmapped columns, and columns written after the outcome."""

from __future__ import annotations

from pathlib import Path

from crm.inference.proposal import propose
from crm.inference.toml_writer import render
from tests.crm.inference.crm_tables import crm
from tests.crm.inference.proposals import IDS, ROWS, leads_table, propose_settings


def test_a_column_written_after_the_outcome_is_ignored_with_the_evidence(tmp_path: Path) -> None:
    won = [i % 3 == 0 for i in range(ROWS)]
    table = leads_table(
        {
            "id": IDS,
            "won": won,
            "warehouse": ["north" if is_won else "" for is_won in won],
            "verdict": [("good", "fine")[i % 2] if w else ("poor", "weak")[i % 2] for i, w in enumerate(won)],
            "plan": [("a", "b")[i % 2] for i in range(ROWS)],
        }
    )
    content, _ = propose_settings(tmp_path, table)
    assert content["leads"]["features"]["ignore"] == ["warehouse", "verdict"]
    assert content["leads"]["features"]["categorical"] == ["plan"]
    written = (tmp_path / "leads.csv", render(propose([tmp_path / "leads.csv"]), tmp_path))[1]
    assert "filled in 100% of the won and 0% of the other leads" in written


def test_a_strong_column_known_at_submit_is_a_feature(tmp_path: Path) -> None:
    won = [i % 3 == 0 for i in range(ROWS)]
    plan = ["big" if is_won != (i % 5 == 0) else "small" for i, is_won in enumerate(won)]
    content, _ = propose_settings(tmp_path, leads_table({"id": IDS, "won": won, "size": plan}))
    assert content["leads"]["features"]["categorical"] == ["size"]


def test_masked_and_staff_columns_are_left_out_and_ranges_are_categories(tmp_path: Path) -> None:
    columns = {
        "Mail": [f"p***{n}@example.org" for n in range(60)],
        "Phone": [f"+1 *** *** {1000 + n}" for n in range(60)],
        "Vertreter": ["eva@we.example", "tom@we.example", "uli@we.example"] * 20,
        "Staff": ["1-10", "11-50", "51-200"] * 20,
        "Damaged": ["#VALUE!", "x", "y"] * 20,
    }
    proposal = crm(tmp_path, **columns)
    assert list(proposal.features.categorical) == ["Staff", "Damaged"]
    assert "Mail" not in proposal.fields.values()
    assert "phone" not in proposal.fields
    unused = {item.column: item.reason for item in proposal.findings.unused}
    assert "masked before the export" in unused["Mail"]
    assert "masked before the export" in unused["Phone"]
    assert "people who work the leads" in unused["Vertreter"]
    assert proposal.leads.columns["Damaged"].counts == {"x": 20, "y": 20}
