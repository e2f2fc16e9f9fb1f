"""Gain of each part of the learner on worlds with known truth: `python -m benchmarks.ablation --seeds 101 102`.

Needs the generator of worlds in shared/worlds next to the project, and skips without it. Each world is fitted whole and
with one part switched off; the leads after the snapshot are scored by the table path and compared with their truth. The
parts were tuned on seeds 1 to 99. A positive gain means that the figure is worse without the part.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from unittest.mock import patch

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before LightGBM loads OpenMP

import numpy as np
import pandas as pd

from benchmarks.gate import GENERATOR, WORLDS, World, model_as_of, world_of
from benchmarks.served_runs import log_loss
from crm.lead_batches import LeadFile
from crm.rejects import Rejects
from leadworth.arrays import Vector
from leadworth.console import console, table
from models.calibration import Platt
from models.channel_drift import ChannelDrift
from models.level_curve import LevelCurve, fit_level
from training.served_path import served_forecast

RESULTS = Path(__file__).parent / "results" / "ablation.json"
WHOLE = "whole"
RESAMPLES = 2_000


def _constant_level(evidence: object, rows: object, margin: object, years_before: object = None) -> LevelCurve:
    del years_before
    return fit_level(evidence, rows, margin)  # type: ignore[arg-type]


PARTS: Mapping[str, Mapping[str, object]] = {
    WHOLE: {},
    "delay of wins": {"training.fit.fit_win_delay": lambda *_: (None, 0.0, "")},
    "second speed of the delay": {"models.delay_likelihood.MISFIT": np.inf},
    "closing of lost leads": {"training.win_fit.CLOSING_ROUNDS": 0},
    "level over time": {"training.win_fit.fit_level": _constant_level},
    "drift of channels": {"training.win_fit.fit_channel_drift": lambda *_: ChannelDrift()},
    "calibration": {"training.win_fit.fit_platt": lambda *_: Platt()},
}
"""Name of the part -> what is replaced to switch it off."""


@dataclass(frozen=True)
class AblationRun:
    """Figures of one fit: ratios to the truth, excess log loss, and revenue in the top 20 %."""

    world: str
    seed: int
    without: str
    money: float
    wins: float
    regret: float
    top_fifth: float


def compare(world: World, without: str) -> AblationRun:
    """Fit a world without a part and compare the scores of the later leads with their truth."""
    with ExitStack() as stack:
        for target, replacement in PARTS[without].items():
            stack.enter_context(patch(target, replacement))
        bundle = model_as_of(world, world.snapshot)
    source = world.settings.leads.model_copy(update={"path": str(world.folder / "future.csv")})
    file = LeadFile(world.folder / "future.csv", source, world.settings.zone, bundle.spec.extras, Rejects(None))
    leads = pd.concat([part for _, part in file.batches()], ignore_index=True)
    truth = pd.read_csv(world.folder / "truth.csv", dtype={"id": "str"}).set_index("id").loc[leads["lead_id"]]
    forecast = served_forecast(bundle, leads)
    chance = truth["p"].to_numpy(float)
    value = truth["v"].to_numpy(float)
    best = np.argsort(-forecast.value, kind="stable")[: len(value) // 5]
    return AblationRun(
        world.name,
        world.seed,
        without,
        money=float(forecast.value.sum() / value.sum()),
        wins=float(forecast.probability.sum() / chance.sum()),
        regret=log_loss(chance, forecast.probability) - log_loss(chance, chance),
        top_fifth=float(value[best].sum() / value.sum()),
    )


def run(worlds: Sequence[str], seeds: Sequence[int], folder: Path) -> Iterator[AblationRun]:
    """Yield the figures of every world, seed and part."""
    for seed in seeds:
        for name in worlds:
            world = world_of(name, seed, folder)
            for part in PARTS:
                yield compare(world, part)


FIGURES: Mapping[str, Callable[[AblationRun], float]] = {
    "error of money": lambda one: abs(float(np.log(one.money))),
    "error of wins": lambda one: abs(float(np.log(one.wins))),
    "excess log loss": lambda one: one.regret,
    "top 20 %": lambda one: -one.top_fifth,
}


def gains(runs: Sequence[AblationRun], part: str, figure: Callable[[AblationRun], float]) -> Vector:
    """Return by how much a figure is worse without a part, one per world and seed."""
    whole = {(one.world, one.seed): figure(one) for one in runs if one.without == WHOLE}
    return np.array([figure(one) - whole[one.world, one.seed] for one in runs if one.without == part])


def interval(values: Vector) -> tuple[float, float]:
    """Return the 90 % bootstrap interval of a mean."""
    rng = np.random.default_rng(0)
    means = rng.choice(values, (RESAMPLES, len(values))).mean(axis=1)
    low, high = np.quantile(means, [0.05, 0.95])
    return float(low), float(high)


def show(runs: Sequence[AblationRun]) -> list[tuple[str, ...]]:
    """Return one row per part: mean gain with interval for each figure, and the worlds that need it most."""
    rows = []
    for part in PARTS:
        if part == WHOLE:
            continue
        cells = []
        for figure in FIGURES.values():
            values = gains(runs, part, figure)
            low, high = interval(values)
            cells.append(f"{values.mean():+.4f} [{low:+.4f}, {high:+.4f}]")
        money = FIGURES["error of money"]
        by_world = {
            name: mean(gains([one for one in runs if one.world == name], part, money))
            for name in {r.world for r in runs}
        }
        most = sorted(by_world, key=by_world.__getitem__, reverse=True)[:3]
        rows.append((part, *cells, ", ".join(f"{name} {by_world[name]:+.2f}" for name in most)))
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print and store the gains."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=WORLDS)
    chosen = parser.parse_args(arguments)
    if not GENERATOR.is_file():
        console.print(f"Skipped: there is no generator of worlds at {GENERATOR}.")
        return
    runs = []
    with tempfile.TemporaryDirectory() as scratch:
        for one in run(chosen.worlds, chosen.seeds, Path(scratch)):
            runs.append(one)
            console.print(json.dumps(asdict(one)), soft_wrap=True)
    columns = ("without", *FIGURES, "worlds with the largest gain in money")
    console.print(table(columns, show(runs), title="Loss without each part; positive: the part helps"))
    RESULTS.write_text(json.dumps([asdict(one) for one in runs], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
