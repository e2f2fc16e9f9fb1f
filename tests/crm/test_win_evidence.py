"""Evidence of won leads in the rows of outcomes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from crm.outcome_table import OutcomeReader
from crm.raw_table import RawBatch
from crm.win_evidence import win_candidates, win_evidence
from leadworth.settings import OutcomesSource


def test_rows_are_counted_by_what_determines_them() -> None:
    table = pa.table(
        {
            "won": ["1", "", "0", "0"],
            "at": ["2026-03-01", "2026-03-02", "2026-03-03", ""],
            "stage": ["Closed", "Closed", "Closed Lost", "Closed Lost"],
        }
    )
    source = OutcomesSource(won="won", won_at="at", stage="stage")
    evidence = win_evidence(OutcomeReader(source).read(RawBatch(table, np.arange(4))))

    assert (evidence.won, evidence.won_by_date) == (2, 1)
    assert (evidence.lost, evidence.lost_with_date) == (2, 1)
    assert evidence.stages == {"Closed": 2, "Closed Lost": 2}


def test_candidates_by_values_come_before_candidates_by_header() -> None:
    rows = pa.table({"Close Date": ["2026-03-01", ""], "Esito": ["Vinto", "Perso"], "Note": ["a", "b"]})

    assert list(win_candidates(rows, [], [])) == ["Esito", "Close Date"]


def test_many_values_are_not_a_stage() -> None:
    rows = pa.table({"Freitext": ["Gewonnen", *[f"x{number}" for number in range(100)]]})

    assert win_candidates(rows, [], []) == {}
