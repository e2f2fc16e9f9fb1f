"""Cells of leads give the spec and the matrix that are computed from the rows of any part of them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from features import lead_cells
from features.lead_cells import LeadCells, fit_spec
from tests.serving.batch.test_file_velocity import made_up_leads
from training.velocity_backfill import with_velocity

EXTRAS = {"Seats": "numeric", "Plan": "categorical"}


@pytest.fixture(scope="module")
def leads() -> pd.DataFrame:
    """Leads with velocity counts, extra columns, and touches that only later leads have."""
    table = with_velocity(made_up_leads(400, seed=3))
    rng = np.random.default_rng(5)
    touch = json.dumps({"last": {"source": "google", "medium": "cpc"}})
    return table.assign(
        **{
            "lw_data": pd.Series([None] * 300 + [touch] * 100, index=table.index, dtype="str"),
            "extras.Seats": rng.normal(size=len(table)),
            "extras.Plan": pd.Series(rng.choice(["free", "team", "rare"], len(table), p=[0.6, 0.39, 0.01])).to_numpy(),
        }
    ).astype({"extras.Plan": "str"})


@pytest.mark.parametrize("most_codes", [65_536, 20])
@pytest.mark.parametrize("chunk", [100_000, 70])
@pytest.mark.parametrize("part", [slice(None), slice(0, 250), slice(7, 390, 3)])
def test_a_part_has_the_spec_and_the_matrix_of_its_rows(
    leads: pd.DataFrame, part: slice, chunk: int, most_codes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_cells, "CHUNK_ROWS", chunk)
    monkeypatch.setattr(lead_cells, "_MOST_CODES", most_codes)
    monkeypatch.setattr(lead_cells, "_SMALL_CODES", min(most_codes, 100))
    rows = np.arange(len(leads))[part]
    cells = LeadCells(leads, EXTRAS)  # type: ignore[arg-type]
    spec = fit_spec(leads.iloc[rows], EXTRAS)  # type: ignore[arg-type]
    assert cells.fit_spec(rows).to_json() == spec.to_json()
    assert len(spec.names) > 10
    later = np.arange(len(leads))[::-2]
    np.testing.assert_array_equal(cells.matrix(spec, later), spec.matrix(leads.iloc[later]))
