"""Late outcomes on simulated CRMs with known truth: `python -m benchmarks.simulated` (or `make bench`).

Per seed: 30 months of leads; a snapshot after 24 months, when most leads of the last half year are
still open; leadworth and every baseline are trained on what was known then and evaluated on the leads of
the 6 months after it. "Full knowledge" is the learner of leadworth with the final outcome of every lead
before the snapshot. Log loss and values refer to the true probabilities and expected revenue, so that the
evaluation has no sampling noise of outcomes; the training data have.

The design was tuned on seeds 100 to 105; reported are seeds 1 to 5.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from leadworth.arrays import Matrix, Vector

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before LightGBM loads OpenMP

import numpy as np
import pandas as pd
from rich.table import Table

from crm.lead_history import read_history
from features.feature_spec import FeatureSpec, fit_spec
from leadworth.console import console
from leadworth.settings import Settings, load_settings
from simulation import simulate
from simulation.export_files import write
from training.baselines import BASELINES, BaselineInput
from training.fit import fit_value_model
from training.forecast import Forecast
from training.labels import label

RESULTS = Path(__file__).parent / "results" / "simulated.json"
SEEDS = (1, 2, 3, 4, 5)
LEADS = 28_000
MONTHS = 30
SNAPSHOT_MONTHS = 24
CHANNEL_WINS = 50
TOP = 0.2
NAME = "leadworth"
FULL = "full knowledge"


@dataclass(frozen=True)
class World:
    """One simulated CRM at its snapshot, and the truth about the leads after it."""

    settings: Settings
    spec: FeatureSpec
    before: Matrix
    after: Matrix
    labels: pd.DataFrame
    final: pd.DataFrame
    truth: pd.DataFrame
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """Evaluation of one model on the leads after the snapshot of one world."""

    log_loss: float
    wins_ratio: float
    money_ratio: float
    channel_ratios: dict[str, float]
    top_by_value: float
    top_by_probability: float


def world_of(seed: int) -> World:
    """Simulate, write the files with all stages, read them back, and cut at the snapshot."""
    simulation = simulate(leads=LEADS, months=MONTHS, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        write(replace(simulation, stages=simulation.events), Path(folder))
        settings = load_settings(Path(folder) / "leadworth.toml")
        history = read_history(settings)
    length = pd.Timestamp(simulation.end) - pd.Timestamp(simulation.start)
    snapshot = pd.Timestamp(simulation.start) + length * (SNAPSHOT_MONTHS / MONTHS)
    labels = label(history.leads, history.outcomes, as_of=snapshot, horizon_days=settings.horizon_days)
    known = history.leads.loc[labels.index]
    spec = fit_spec(known, history.extras)
    later = history.leads.drop(labels.index)
    everything = pd.Timestamp(simulation.end) + pd.Timedelta(days=settings.horizon_days + 1)
    truth = simulation.truth.set_index("lead_id")
    seen = truth.loc[known["lead_id"].to_numpy()[labels["state"].eq("won")], "channel"].value_counts()
    return World(
        settings=settings,
        spec=spec,
        before=spec.matrix(known),
        after=spec.matrix(later),
        labels=labels,
        final=label(known, history.outcomes, as_of=everything, horizon_days=settings.horizon_days),
        truth=truth.loc[later["lead_id"]],
        channels=tuple(sorted(seen.index[seen >= CHANNEL_WINS])),
    )


def forecasts(world: World, seed: int) -> dict[str, Forecast]:
    """Return the forecasts of full knowledge, leadworth and the baselines for the leads after the snapshot."""
    said = {}
    for name, labels in ((FULL, world.final), (NAME, world.labels)):
        model, _ = fit_value_model(
            world.before,
            world.spec,
            labels,
            horizon_days=world.settings.horizon_days,
            junk=world.settings.junk,
            seed=seed,
        )
        said[name] = Forecast.of(model, world.after)
    lesson = BaselineInput(world.before, world.spec, world.labels, seed)
    return said | {baseline.name: baseline.fit(lesson)(world.after) for baseline in BASELINES}


def judge(world: World, forecast: Forecast) -> Figures:
    """Compare a forecast with the truth."""
    chance, value = (world.truth[name].to_numpy(float) for name in ("win_probability", "value"))
    said = np.clip(forecast.probability, 1e-6, 1.0 - 1e-6)
    channel = world.truth["channel"].to_numpy(str)
    return Figures(
        log_loss=float(-np.mean(chance * np.log(said) + (1.0 - chance) * np.log1p(-said))),
        wins_ratio=float(forecast.probability.sum() / chance.sum()),
        money_ratio=float(forecast.value.sum() / value.sum()),
        channel_ratios={
            name: float(forecast.value[channel == name].sum() / value[channel == name].sum()) for name in world.channels
        },
        top_by_value=_captured(forecast.value, value),
        top_by_probability=_captured(forecast.probability, value),
    )


def _captured(score: Vector, value: Vector) -> float:
    """Return the share of the true value in the top fifth by a score; ties in order of arrival."""
    top = np.argsort(-score, kind="stable")[: int(TOP * len(score))]
    return float(value[top].sum() / value.sum())


def run(seeds: tuple[int, ...] = SEEDS) -> dict[int, dict[str, Figures]]:
    """Evaluate every model on every seed."""
    judged: dict[int, dict[str, Figures]] = {}
    for seed in seeds:
        began = time.perf_counter()
        world = world_of(seed)
        late = world.labels[world.labels["age_days"] < 182.5]
        console.print(
            f"seed {seed}: {len(world.before):,} leads before, {len(world.after):,} after the snapshot; "
            f"{late['state'].eq('open').mean():.0%} of the last half year open; "
            f"{world.labels['state'].eq('won').sum():,} of {world.final['state'].eq('won').sum():,} wins seen"
        )
        judged[seed] = {name: judge(world, forecast) for name, forecast in forecasts(world, seed).items()}
        console.print(f"  {time.perf_counter() - began:.0f} s")
    return judged


def summary(judged: dict[int, dict[str, Figures]]) -> dict[str, dict[str, object]]:
    """Return one row per model; ratios to full knowledge are made within each seed."""
    names = list(next(iter(judged.values())))
    return {name: _row(name, judged) for name in names}


def _row(name: str, judged: dict[int, dict[str, Figures]]) -> dict[str, object]:
    pairs = [(figures[name], figures[FULL]) for figures in judged.values()]
    channels = [
        own.channel_ratios[channel] / full.channel_ratios[channel]
        for own, full in pairs
        for channel in own.channel_ratios
    ]
    excess = [own.log_loss - full.log_loss for own, full in pairs]
    return {
        "excess_log_loss": statistics.mean(excess),
        "excess_log_loss_by_seed": excess,
        "money_of_full_knowledge": statistics.mean(own.money_ratio / full.money_ratio for own, full in pairs),
        "money_of_full_knowledge_by_seed": [own.money_ratio / full.money_ratio for own, full in pairs],
        "money_of_truth": statistics.mean(own.money_ratio for own, _ in pairs),
        "wins_of_truth": statistics.mean(own.wins_ratio for own, _ in pairs),
        "channels_of_full_knowledge": [min(channels), max(channels)],
        "channels_within": sum(0.75 <= ratio <= 1.33 for ratio in channels),
        "channels": len(channels),
        "top_fifth": statistics.mean(own.top_by_value for own, _ in pairs),
        "top_fifth_over_probability": statistics.mean(own.top_by_value / own.top_by_probability for own, _ in pairs),
    }


def show(rows: dict[str, dict[str, object]]) -> Table:
    """Return the summary as a table."""
    table = Table(title=f"{LEADS:,} leads, {MONTHS} months, snapshot after {SNAPSHOT_MONTHS}, mean of the seeds")
    headings = ("excess log loss", "money / full", "money / truth", "channels / full", "top fifth", "over probability")
    for heading in ("model", *headings):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for name, row in rows.items():
        low, high = cast(list[float], row["channels_of_full_knowledge"])
        table.add_row(
            name,
            f"{row['excess_log_loss']:+.5f}",
            f"{row['money_of_full_knowledge']:.2f}",
            f"{row['money_of_truth']:.2f}",
            f"{low:.2f} to {high:.2f}",
            f"{row['top_fifth']:.3f}",
            f"{row['top_fifth_over_probability']:.2f}",
        )
    return table


def main(seeds: tuple[int, ...] = SEEDS) -> None:
    """Run, print and store the figures."""
    rows = summary(run(seeds))
    best = min(
        float(row["excess_log_loss"])  # type: ignore[arg-type]
        for name, row in rows.items()
        if name not in {NAME, FULL}
    )
    console.print(show(rows))
    share = float(rows[NAME]["excess_log_loss"]) / best  # type: ignore[arg-type]
    console.print(f"leadworth's excess log loss is {share:.0%} of the best baseline's (target: 50 % or less)")
    if seeds == SEEDS:
        RESULTS.parent.mkdir(exist_ok=True)
        content = {"seeds": seeds, "leads": LEADS, "share_of_best_baseline": share, "models": rows}
        RESULTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SEEDS)
