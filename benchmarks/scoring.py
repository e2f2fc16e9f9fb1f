"""Cost of a score in process: `python -m benchmarks.scoring` (or `make bench`).

A model is trained on a simulated CRM of 20,000 leads and 60 features. Each lead is scored once completely (features,
models, policy, reasons), in turn with raw calls of `Booster.predict` with `num_threads=1` on the same models. The
absolute times depend on the machine and its load; read the ratios of the medians.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from leadworth.arrays import Matrix

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before LightGBM loads OpenMP

import lightgbm
import numpy as np
import pandas as pd

from crm.lead_history import read_history
from leadworth.console import console
from leadworth.records import Lead
from leadworth.settings import load_settings
from models.bundle import Bundle, BundleMetadata
from models.junk_model import JunkModel
from models.policy import Policy
from models.policy_engine import PolicyEngine, Scores
from simulation import simulate
from simulation.export_files import write
from training.fitted_model import fit
from training.time_split import known_history

RESULTS = Path(__file__).parent / "results" / "scoring.json"
LEADS = 20_000
EXTRA = 20
SINGLE = 3_000
WARM = 300
ROWS = 50_000
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def learned() -> tuple[Bundle, pd.DataFrame]:
    """Return a bundle learned on a simulated CRM, and its lead table."""
    with tempfile.TemporaryDirectory() as folder:
        write(simulate(leads=LEADS, months=24, seed=7, features=EXTRA), Path(folder), 0)
        settings = load_settings(Path(folder) / "leadworth.toml")
        history = read_history(settings)
        known = known_history(history, as_of=None, not_before=None, horizon_days=settings.horizon_days)
        leads = known.leads.loc[known.labels.index]
        model = fit(
            leads,
            known.extras,
            known.labels,
            horizon_days=settings.horizon_days,
            junk=settings.junk,
            seed=settings.training.seed,
            progress=console.print,
        )
    meta = BundleMetadata(
        currency=settings.currency,
        horizon_days=settings.horizon_days,
        margin=settings.mql.margin,
        touch_cost=settings.mql.touch_cost,
    )
    return Bundle(model.spec, model.value_model, Policy.shipped(), meta), leads.reset_index(drop=True)


def boosters(bundle: Bundle) -> list[lightgbm.Booster]:
    """Return the LightGBM models of a bundle, as anyone would load them."""
    value_model = bundle.value_model
    trees = [
        value_model.win,
        value_model.revenue.trees,
        *([value_model.junk.trees] if isinstance(value_model.junk, JunkModel) else []),
    ]
    return [lightgbm.Booster(model_str=one.to_text()) for one in trees if one.n_trees > 1]


def lead_of(row: pd.Series) -> Lead:
    """Return a row of the lead table as it arrives over HTTP."""
    return Lead(**{str(name).removeprefix("extras."): value for name, value in row.items() if not pd.isna(value)})


def timed(work: Callable[[], object]) -> float:
    """Return the wall time of one call, in microseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e6


def single(bundle: Bundle, leads: pd.DataFrame) -> dict[str, float]:
    """Return the costs of one lead, the score and the raw calls in turn."""
    raw = boosters(bundle)
    spent: dict[str, list[float]] = {name: [] for name in ("score", "raw", "features", "models", "policy", "reasons")}
    value_model = bundle.value_model
    engine = bundle._engine
    explainer = bundle._explainer
    for number in range(WARM + SINGLE):
        lead = lead_of(leads.iloc[number % len(leads)])
        vector = bundle.spec.vector(lead)
        row = vector.reshape(1, -1)
        predicted, contributions = value_model.explain(row)
        scores = Scores(
            predicted.win_probability,
            predicted.expected_revenue,
            predicted.junk_probability,
            predicted.automation_probability,
        )
        suspects = np.flatnonzero(predicted.junk_probability >= bundle.policy.verdict.review_junk)
        calls: dict[str, Callable[[], object]] = {
            "score": partial(bundle.score, lead, scored_at=NOW),
            "raw": partial(_raw, raw, row, threads=1),
            "features": partial(bundle.spec.vector, lead),
            "models": partial(value_model.explain, row),
            "policy": partial(_decided, engine, lead, row, scores),
            "reasons": partial(explainer.texts, row, contributions, suspects, {}, "json"),
        }
        for name, call in calls.items():
            cost = timed(call)
            if number >= WARM:
                spent[name].append(cost)
    p50 = {name: statistics.median(costs) for name, costs in spent.items()}
    return {
        **{f"{name}_us": cost for name, cost in p50.items()},
        "score_p99_us": float(np.quantile(spent["score"], 0.99)),
        "raw_models": len(raw),
        "trees": sum(one.num_trees() for one in raw),
        "score_in_raw_calls_of_all_models": p50["score"] / p50["raw"],
        "score_in_raw_calls_of_one_model": p50["score"] / p50["raw"] * len(raw),
    }


def _decided(engine: PolicyEngine, lead: Lead, row: Matrix, scores: Scores) -> object:
    holds = engine.evaluate(engine.fields_of_lead(lead), row, scores)
    return engine.decide(holds, scores, np.zeros(1, dtype=np.bool_))


def many(bundle: Bundle, leads: pd.DataFrame) -> dict[str, float]:
    """Return leads per second of a table, against raw calls with all threads on the finished matrix."""
    table = pd.concat([leads] * (ROWS // len(leads) + 1), ignore_index=True).iloc[:ROWS]
    matrix = bundle.spec.matrix(table)
    raw = boosters(bundle)
    whole = min(timed(partial(bundle.score_table, table, scored_at=NOW)) for _ in range(3)) / 1e6
    alone = min(timed(partial(_raw, raw, matrix, threads=0)) for _ in range(3)) / 1e6
    return {
        "rows": ROWS,
        "table_leads_per_s": ROWS / whole,
        "raw_leads_per_s": ROWS / alone,
        "table_in_raw_time": whole / alone,
    }


def _raw(models: list[lightgbm.Booster], matrix: Matrix, threads: int) -> None:
    for one in models:
        one.predict(matrix, num_threads=threads)


def main() -> None:
    """Measure, print and write benchmarks/results/scoring.json."""
    bundle, leads = learned()
    figures = {"features": len(bundle.spec.names), **single(bundle, leads), **many(bundle, leads)}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    console.print_json(data=figures)


if __name__ == "__main__":
    main()
