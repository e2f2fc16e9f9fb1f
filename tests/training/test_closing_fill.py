"""Open and closed leads of the same age."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.closing_fill import filled_by_state


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


def test_without_open_leads_or_dates_nothing_is_compared() -> None:
    columns, labels = _leads()
    assert filled_by_state(columns, labels.assign(state="lost")) == {}
    assert filled_by_state(columns, labels.assign(age_days=np.nan)) == {}
