"""Scores of a bot flood: a thousand bots against a thousand normal leads of one simulated CRM."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.scoring import lead_of
from crm.lead_history import read_history
from leadworth.settings import load_settings
from models.bundle import Bundle, BundleMetadata
from models.policy import Policy
from simulation import simulate
from simulation.export_files import write
from training.fitted_model import fit
from training.labels import label
from training.velocity_backfill import with_velocity

LEADS = 30_000
MONTHS = 24


def flood(seed: int) -> dict[str, float]:
    """Return MQL rate and value of a thousand bots, against a thousand normal leads, alone and mixed."""
    simulation = simulate(leads=LEADS, months=MONTHS, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        write(simulation, Path(folder))
        settings = load_settings(Path(folder) / "leadworth.toml")
        history = read_history(settings)
    leads = with_velocity(history.leads)
    cut = pd.Timestamp(leads["submitted_at"].quantile(0.7))  # type: ignore[arg-type]
    known = label(leads, history.outcomes, as_of=cut, horizon_days=settings.horizon_days)
    model = fit(
        leads.loc[known.index],
        history.extras,
        known,
        horizon_days=settings.horizon_days,
        junk=settings.junk,
        seed=settings.training.seed,
    )
    meta = BundleMetadata(
        currency="EUR", horizon_days=365, margin=settings.mql.margin, touch_cost=settings.mql.touch_cost
    )
    bundle = Bundle(model.spec, model.value_model, Policy.shipped(), meta)
    later = leads.drop(known.index)
    truth = simulation.truth.set_index("lead_id").loc[later["lead_id"]]
    bot = (truth["junk"] & truth["automated"]).to_numpy(dtype=bool)
    rng = np.random.default_rng(seed)
    at = datetime(2026, 10, 1, tzinfo=UTC)
    bots = later[bot].head(1_000)
    normal = later.iloc[np.sort(rng.choice(len(later), 1_000, replace=False))]
    alone = bundle.score_table(bots, scored_at=at)
    usual = bundle.score_table(normal, scored_at=at)
    mixed = bundle.score_table(pd.concat([normal, bots]), scored_at=at).iloc[len(normal) :].reset_index(drop=True)
    columns = ["win_probability", "predicted_value", "junk_probability", "verdict", "mql", "mql_reason", "reasons"]
    singles = [bundle.score(lead_of(bots.iloc[row]), scored_at=at).predicted_value for row in range(100)]
    return {
        "bots": len(bots),
        "mql": float(alone["mql"].mean()),
        "mql_of_normal": float(usual["mql"].mean()),
        "value_of_normal": float(alone["predicted_value"].mean() / usual["predicted_value"].mean()),
        "same_alone_and_mixed": float((alone[columns] == mixed[columns]).all(axis=None)),
        "most_difference_single": float(np.abs(singles - alone["predicted_value"].head(100)).max()),
    }
