"""From exports to outcomes: with the settings of `leadworth init` every won deal and its revenue finds its leads."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from crm.inference.proposal import propose
from crm.inference.toml_writer import render
from crm.lead_history import LeadHistory, read_history
from leadworth.settings import Settings
from training.history_check import history_warnings, require_readable

CASES = Path(__file__).parents[3] / "shared" / "cases"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CASES.is_dir(), reason=f"the cases are not there: no folder {CASES}"),
]


def history_of(files: list[Path]) -> tuple[LeadHistory, list[str]]:
    """Return the history that init's settings read, and the warnings of `train`."""
    folder = files[0].parent
    settings = Settings(**tomllib.loads(render(propose(files), folder)), folder=folder)
    history = read_history(settings)
    require_readable(history, settings)
    return history, [what for what, _ in history_warnings(history, settings)]


@pytest.mark.parametrize(
    ("case", "deals", "id_column"),
    [
        ("n03-duplicate-ids", "deals.csv", "Record ID"),
        ("n04-salesforce-opportunities", "opportunities.csv", ""),
        ("n05-hubspot-associations", "deals.csv", "Associated Contact IDs"),
        ("n09-excel-serials", "deals.csv", "Lead ID"),
    ],
)
def test_won_deals_and_their_revenue_find_their_leads(case: str, deals: str, id_column: str, tmp_path: Path) -> None:
    generator = CASES / "make_crm_files.py"
    subprocess.run([sys.executable, str(generator), str(tmp_path), case], check=True, capture_output=True)
    table = pd.read_csv(tmp_path / case / deals, dtype=str)
    won = table[table["Deal Stage"] == "Closed Won"]

    history, warnings = history_of(sorted((tmp_path / case).glob("*.csv")))

    assert warnings == []
    counts = history.counts.outcomes
    assert counts is not None
    assert (counts.rows_in, counts.rows_kept) == (len(table), len(table))
    assert history.outcomes["revenue"].sum() == pytest.approx(won["Amount"].astype(float).sum())
    assert history.outcomes.loc[history.outcomes["won"], "won_at"].notna().all()
    if id_column:
        ids = {one for cell in won[id_column] for one in cell.split(";")}
        assert set(history.outcomes.loc[history.outcomes["won"], "lead_id"]) == ids
    reasons = {"repeated lead id": 40} if case.startswith("n03") else {}
    assert history.counts.leads.reasons == reasons
    assert history.leads["submitted_at"].notna().all()


@pytest.mark.parametrize("form", ["{}", "{}.0", "'{}", "00{}", "{},0"])
def test_ids_of_any_form_find_their_leads(form: str, tmp_path: Path) -> None:
    source = CASES / "f02-no-outcome-matches"
    leads = pd.read_csv(source / "leads.csv", dtype=str)
    deals = pd.read_csv(source / "deals.csv", dtype=str)
    ids = deals["Lead ID"].str.removesuffix(".0")
    leads.to_csv(tmp_path / "leads.csv", index=False)
    deals.assign(**{"Lead ID": [form.format(one) for one in ids]}).to_csv(tmp_path / "deals.csv", index=False)

    history, warnings = history_of([tmp_path / "leads.csv", tmp_path / "deals.csv"])

    assert warnings == []
    won = Counter(deals["Stage"])["Closed Won"]
    assert history.outcomes["won"].sum() == won
    assert set(history.outcomes["lead_id"]) <= set(leads["Lead ID"])
