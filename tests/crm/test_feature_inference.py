"""Feature kinds of columns that the settings do not list."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from crm.feature_inference import infer_kind
from crm.lead_history import read_history
from leadworth.settings import Settings


def test_other_columns_are_features_by_their_values(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    rows = pd.DataFrame(
        {
            "lead_id": range(200),
            "won": rng.choice(["0", "1"], 200),
            "amount": rng.integers(1, 40, 200),
            "price": [f"{value:.2f} €".replace(".", ",") for value in rng.random(200)],
            "branch": rng.choice(["IT", "Food", None], 200),
            "note": [f"please call me number {value}" for value in range(200)],
            "uuid": [f"x{value:x}-{value}" for value in rng.integers(1, 1 << 40, 200)],
            "serial": range(5_000, 5_200),
            "seen": ["03/04/2026"] * 100 + ["05/06/2026"] * 100,
            "same": "yes",
            "void": None,
            "secret": rng.choice(["a", "b"], 200),
        }
    )
    rows.to_csv(tmp_path / "leads.csv", index=False)
    settings = Settings(
        currency="EUR",
        folder=tmp_path,
        leads={"path": "leads.csv", "features": {"rest": "auto", "ignore": ["secret"], "categorical": ["amount"]}},
        outcomes={"won": "won"},
    )

    history = read_history(settings)
    assert history.extras == {"amount": "categorical", "price": "numeric", "branch": "categorical", "note": "text"}
    assert history.left_out == {
        "uuid": "identifies rows",
        "serial": "identifies rows",
        "seen": "dates",
        "same": "constant",
        "void": "empty",
    }


def test_typed_dates_are_not_features() -> None:
    assert infer_kind(pa.array([date(2026, 3, 1), date(2026, 3, 2)])) == (None, "dates")


def test_missing_tokens_do_not_count() -> None:
    assert infer_kind(pa.array(["Select", "web", "Select"]), missing=["Select"]) == (None, "constant")
    assert infer_kind(pa.array(["Select", ""]), missing=["Select"]) == (None, "empty")
