"""Evaluation on public data: `python -m benchmarks.public_data [NAME...]` (or `make bench`).

The baseline is LightGBM as it comes, with pandas categories, on the columns that leadworth is given and
the same split: it learns from the first 70 % by time with the outcomes known in the end, and is evaluated
on the last 30 %. leadworth is evaluated on the same leads twice: learned from what was known at the cut
(that is what a user gets), and from the final outcomes, as the baseline.
"""

from __future__ import annotations

import json
import runpy
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize

from crm.lead_history import LeadHistory, read_history
from leadworth.arrays import Vector
from leadworth.console import console, table
from leadworth.settings import FILE_NAME, Settings, load_settings
from training.evaluation import Evaluation, evaluate
from training.forecast import Forecast
from training.holdout import Holdout
from training.leakage_audit import audit
from training.pipeline import NAME, EvaluatedModel, evaluate_split, train
from training.time_split import KnownHistory, TimeSplit, known_history

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
RESULTS = Path(__file__).parent / "results" / "public_data.json"
SEED = 7


@dataclass(frozen=True)
class Case:
    """One measurement: an example, columns left out of it, and the figure of shared/data/README.md.

    `amount` is a column that holds the money of every lead, won or not; the baseline ranks by
    probability x amount. `quoted` is the AUC that the README of the data quotes, forward in time.
    """

    name: str
    example: str
    quoted: float
    columns: str
    without: tuple[str, ...] = ()
    amount: str | None = None
    weekday: bool = False


_LATER_ANSWERS = (
    "country",
    "job_title",
    "extras.Specialization",
    "extras.How did you hear about X Education",
    "extras.What matters most to you in choosing a course",
    "extras.City",
)
CASES = (
    Case("olist_funnel", "olist_funnel", 0.689, "origin, landing page, weekday; leads of 2018", weekday=True),
    Case("x_education", "x_education", 0.890, "all but the nine late columns"),
    Case("x_education, form only", "x_education", 0.831, "those known when the form is sent", _LATER_ANSWERS),
    Case("bank_marketing", "bank_marketing", 0.630, "all but duration"),
    Case("insurance_quotes", "insurance_quotes", 0.629, "quote, drivers, vehicles; no zip", amount="extras.quoted_amt"),
    Case("ibm_win_loss", "ibm_win_loss", 0.846, "known at creation", amount="extras.Opportunity Amount USD"),
)
RAW_ROWS = ("x_education", "bank_marketing", "ibm_win_loss")
"""Examples whose settings ignore late columns; the audit is run again without that help."""


def example_settings(example: str) -> Settings:
    """Return the settings of an example, after preparing its data if it has to be prepared."""
    folder = ROOT / "examples" / example
    if (folder / "prepare.py").exists():
        runpy.run_path(str(folder / "prepare.py"), run_name="__main__")
    return load_settings(folder / FILE_NAME)


def lightgbm_as_it_comes(leads: pd.DataFrame, won: NDArray[np.bool_], later: pd.DataFrame) -> Vector:
    """Return the win probabilities of LightGBM with its defaults and pandas categories."""
    from lightgbm import LGBMClassifier

    text = [name for name in leads if not pd.api.types.is_numeric_dtype(leads[name])]
    kinds = {name: pd.CategoricalDtype(sorted(leads[name].dropna().unique())) for name in text}
    model = LGBMClassifier(n_jobs=2, verbosity=-1, random_state=SEED)
    plain = {name: f"column_{place}" for place, name in enumerate(leads)}
    model.fit(leads.astype(kinds).rename(columns=plain), won)
    seen = later.assign(**{str(name): later[name].where(later[name].isin(kinds[name].categories)) for name in text})
    chances = model.predict_proba(seen[list(leads)].astype(kinds).rename(columns=plain))
    return np.asarray(chances, dtype=np.float64)[:, 1]


def calibration_line(won: NDArray[np.bool_], probability: Vector) -> tuple[float, float]:
    """Return intercept and slope of the outcome's log-odds on the predicted ones; 0 and 1 are perfect (Cox 1958)."""
    held = np.clip(probability, 1e-6, 1 - 1e-6)
    odds = np.log(held / (1 - held))

    def loss(line: Vector) -> float:
        margin = line[0] + line[1] * odds
        return float(np.mean(np.logaddexp(0.0, margin) - won * margin))

    best = minimize(loss, np.array([0.0, 1.0]), method="BFGS")
    return float(best.x[0]), float(best.x[1])


def measure(case: Case) -> dict[str, Any]:
    """Return the figures of one case."""
    settings = example_settings(case.example)
    began = time.perf_counter()
    history = read_history(settings)
    if case.without:
        history = _without(history, case.without)
    training = train(settings, history, as_of=None, progress=_quiet)
    spent = time.perf_counter() - began
    known, at_cut = training.known, training.forward
    assert at_cut is not None
    final = at_cut
    if at_cut.split.cut is not None:
        again = evaluate_split(
            known, _final(known, at_cut.split), junk=settings.junk, seed=settings.training.seed, progress=_quiet
        )
        assert again is not None
        final = again
    baseline = _baseline(case, known, at_cut)
    found: dict[str, Any] = {
        "columns": case.columns,
        "leads": len(at_cut.split.train),
        "later": len(at_cut.holdout),
        "later_wins": int(at_cut.holdout.won.sum()),
        "quoted_auc": case.quoted,
        "baseline": _figures(baseline, at_cut.holdout, at_cut.forecasts["baseline"])
        | ({} if case.amount else {"money_ratio": None}),
        "at_cut": _figures(at_cut.evaluations[NAME], at_cut.holdout, at_cut.forecasts[NAME]),
        "final_labels": _figures(final.evaluations[NAME], final.holdout, final.forecasts[NAME]),
        "random_auc": training.random.value("auc") if training.random else None,
        "audit": [f"{item.column}: {item.test}, {item.strength}" for item in training.audit.findings],
        "seconds": spent,
    }
    if case.example in RAW_ROWS and not case.without:
        found["audit_of_all_columns"] = _audit_of_all(settings)
    if "source" in known.leads and at_cut.holdout.has_money:
        found["channels"] = _channels(at_cut.evaluations[NAME])
        found["channel_history"] = _channel_history(known)
    return found


def _quiet(step: str) -> None:
    del step


def _without(history: LeadHistory, columns: tuple[str, ...]) -> LeadHistory:
    extras = {name: kind for name, kind in history.extras.items() if f"extras.{name}" not in columns}
    return replace(history, leads=history.leads.drop(columns=list(columns)), extras=extras)


def _final(known: KnownHistory, split: TimeSplit) -> TimeSplit:
    """Return the same split with the outcomes of the earlier leads as known in the end."""
    return TimeSplit(known.labels.loc[split.train.index], split.test, split.cut)


def _baseline(case: Case, known: KnownHistory, model: EvaluatedModel) -> Evaluation:
    columns = known.leads.drop(columns=[name for name in ("lead_id", "order", "submitted_at") if name in known.leads])
    if case.weekday:
        columns = columns.assign(weekday=known.leads["submitted_at"].dt.day_of_week)
    won = known.labels["state"].eq("won")
    earlier, later = model.split.train.index, model.leads.index
    probability = lightgbm_as_it_comes(columns.loc[earlier], won.loc[earlier].to_numpy(bool), columns.loc[later])
    amount = known.leads.loc[later, case.amount].fillna(0.0).to_numpy(float) if case.amount else 1.0
    model.forecasts["baseline"] = Forecast(probability, probability * amount)
    return evaluate("baseline", model.forecasts["baseline"], model.holdout, SEED)


def _figures(evaluation: Evaluation, later: Holdout, forecast: Forecast) -> dict[str, Any]:
    intercept, slope = calibration_line(later.won, forecast.probability * later.visible)
    by_probability = evaluate("by probability", Forecast(forecast.probability, forecast.probability), later, SEED)
    return {
        "auc": evaluation.value("auc"),
        "auc_interval": evaluation.metrics["auc"].interval,
        "log_loss": evaluation.value("log_loss"),
        "wins_ratio": evaluation.value("wins_ratio"),
        "money_ratio": evaluation.value("money_ratio") if later.has_money else None,
        "calibration_intercept": intercept,
        "calibration_slope": slope,
        "top20": evaluation.value("top20"),
        "top20_interval": evaluation.metrics["top20"].interval,
        "top20_by_probability": by_probability.value("top20"),
    }


def _audit_of_all(settings: Settings) -> list[str]:
    features = settings.leads.features.model_copy(update={"ignore": ()})
    everything = settings.model_copy(update={"leads": settings.leads.model_copy(update={"features": features})})
    known = known_history(
        read_history(everything), as_of=None, not_before=settings.training.not_before,
        horizon_days=settings.horizon_days,
    )  # fmt: skip
    return [f"{item.column}: {item.test}, {item.strength}" for item in audit(known.leads, known.labels, SEED).findings]


def _channels(evaluation: Evaluation) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(evaluation.channels.to_json(orient="records"))
    return rows


def _channel_history(known: KnownHistory) -> list[dict[str, Any]]:
    """Return leads, win rate and revenue per lead by source, as known in the end."""
    source = known.leads["source"].fillna("(not known)")
    won = known.labels["state"].eq("won")
    revenue = known.labels["revenue"].where(won).fillna(0.0)
    grouped = pd.DataFrame({"source": source, "won": won, "revenue": revenue}).groupby("source")
    rows = grouped.agg(leads=("won", "size"), wins=("won", "sum"), win_rate=("won", "mean"), value=("revenue", "mean"))
    found: list[dict[str, Any]] = json.loads(
        rows.sort_values("leads").iloc[::-1].reset_index().to_json(orient="records")
    )
    return found


def _show(results: Mapping[str, Mapping[str, Any]]) -> None:
    columns = (
        "set",
        "quoted",
        "baseline",
        "at the cut",
        "final labels",
        "slope",
        "wins p/a",
        "money p/a",
        "top 20 %",
        "s",
    )
    rows = []
    for name, found in results.items():
        cut, base = found["at_cut"], found["baseline"]
        low, high = cut["auc_interval"]
        money = "" if cut["money_ratio"] is None else f"{cut['money_ratio']:.2f}"
        rows.append((
            name, f"{found['quoted_auc']:.3f}", f"{base['auc']:.3f}", f"{cut['auc']:.3f} [{low:.3f}, {high:.3f}]",
            f"{found['final_labels']['auc']:.3f}", f"{cut['calibration_slope']:.2f}", f"{cut['wins_ratio']:.2f}", money,
            f"{cut['top20']:.1%} ({base['top20']:.1%})", f"{found['seconds']:.0f}",
        ))  # fmt: skip
    console.print(table(columns, rows, title="Public data, forward in time (baseline's top 20 % in brackets)"))


def main(names: tuple[str, ...] = ()) -> None:
    """Measure, print and write benchmarks/results/public_data.json; with names, only those cases."""
    if not DATA.is_dir():
        console.print(f"public data: left out, there is no folder {DATA}")
        return
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if names and RESULTS.exists() else {}
    for case in CASES:
        if not names or case.name in names or case.example in names:
            results[case.name] = measure(case)
            _show({case.name: results[case.name]})
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    _show(results)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
