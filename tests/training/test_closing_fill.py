"""Open and closed leads of the same age."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.closing_fill import closing_auc, filled_by_state


def _leads(rows: int = 2000) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(1)
    age = rng.uniform(0.0, 300.0, rows)
    closed = rng.random(rows) < age / 300.0
    columns = pd.DataFrame(
        {
            "account": np.where(closed, "a", None),
            "new form": np.where(age < 100.0, "x", None),
            "phone": np.where(rng.random(rows) < 0.5, "y", None),
        }
    )
    return columns, pd.DataFrame({"state": np.where(closed, "lost", "open"), "age_days": age})


def test_a_column_of_closed_deals_is_seen_and_a_new_form_is_not() -> None:
    columns, labels = _leads()
    shares = filled_by_state(columns, labels)
    assert shares["account"] == (0.0, 1.0)
    for name in ("new form", "phone"):
        of_open, of_closed = shares[name]
        assert abs(of_open - of_closed) < 0.12


def test_a_status_that_is_set_at_closing_is_seen_by_its_values() -> None:
    columns, labels = _leads()
    closed = labels["state"].eq("lost")
    columns = columns.fillna("none").assign(phase=np.where(closed, "done", "in work"))
    found = closing_auc(columns, labels, seed=7)
    assert found["account"] > 0.95
    assert found["phase"] > 0.95
    assert found["new form"] < 0.7
    assert found["phone"] < 0.55


def test_without_open_leads_nothing_is_compared() -> None:
    columns, labels = _leads()
    assert filled_by_state(columns, labels.assign(state="lost")) == {}
    assert closing_auc(columns, labels.assign(state="lost"), seed=7) == {}


def test_without_dates_a_column_of_closed_deals_is_seen_and_a_field_that_is_new_is_not() -> None:
    columns, labels = _leads()
    undated = labels.assign(age_days=np.nan)
    assert set(filled_by_state(columns, undated)) <= {"account", "phone"}
    assert filled_by_state(columns, undated)["account"] == (0.0, 1.0)
    assert closing_auc(columns, undated, seed=7) == {}
