"""Simulated CRMs served by the commands, as users are: simulate, train, score, and compare with the known truth."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from leadworth.arrays import Vector
from leadworth.errors import LeadworthError
from simulation.truth_comparison import read_scored, read_truth, with_truth

SETTINGS = "leadworth.toml"
PROMOTED = "is champion now"
FAILED = "FAIL"
TOP = 0.2
CHANNEL_WINS = 30
"""Expected wins among the new leads from which the ratio of a channel is reported."""


@dataclass(frozen=True)
class Training:
    """Result of `leadworth train`: whether the gate passed the model, and the rules that it failed."""

    promoted: bool
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Served:
    """Scores of the commands with the truth, one row per lead (see `simulation.truth_comparison`).

    Attributes
    ----------
    new
        Leads after the export, scored as at submit.
    still_open
        Leads open at the export, scored as of the export.
    """

    new: pd.DataFrame
    still_open: pd.DataFrame


@dataclass(frozen=True)
class Figures:
    """Comparison of the scores with the truth; ratios are predicted over true."""

    money: float
    wins: float
    excess_log_loss: float
    top_fifth: float
    top_fifth_by_probability: float
    channels: dict[str, float]
    open_money: float
    open_wins: float


def run(*arguments: str) -> str:
    """Run a command of leadworth in a process of its own and return its standard output.

    Raises
    ------
    LeadworthError
        Where it fails; with the end of its output.
    """
    command = [sys.executable, "-m", "leadworth", *arguments]
    variables = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    if done.returncode:
        raise LeadworthError(f"leadworth {' '.join(arguments)}: {(done.stdout + done.stderr)[-1_000:]}", do="see above")
    return done.stdout


def simulate(
    folder: Path, *, scenario: str | None, leads: int, months: float, new_days: int, seed: int, end: str
) -> None:
    """Write a simulated CRM."""
    options = {"leads": leads, "months": months, "new-days": new_days, "seed": seed, "end": end}
    named = [] if scenario is None else ["--scenario", scenario]
    run(
        "simulate",
        str(folder),
        *named,
        *(part for name, value in options.items() for part in (f"--{name}", str(value))),
    )


def train(folder: Path, *arguments: str) -> Training:
    """Train; a model that the gate stops is promoted by force, so that it can be evaluated all the same."""
    settings = str(folder / SETTINGS)
    printed = run("train", "--details", "-c", settings, *arguments)
    promoted = PROMOTED in printed
    if not promoted:
        run("models", "promote", "1", "--force", "--reason", "evaluated in a benchmark", "-c", settings)
    failed = tuple(line.strip() for line in printed.splitlines() if FAILED in line)
    return Training(promoted, failed)


def serve(folder: Path, end: str) -> Served:
    """Score the leads after the export and the leads of the CRM as of the export with the champion of a folder."""
    truth = read_truth(folder / "truth.csv")
    known = with_truth(_scores(folder, "leads.csv", "--as-of", end), truth)
    still_open = known[known["status"].eq("open")]
    if len(still_open) != truth["open_at_end"].sum():
        expected = int(truth["open_at_end"].sum())
        raise LeadworthError(f"{len(still_open)} leads are scored as open, {expected} are", do="see leadworth score")
    return Served(with_truth(_scores(folder, "new-leads.csv", "--at-submit"), truth), still_open)


def _scores(folder: Path, name: str, *arguments: str) -> pd.DataFrame:
    out = folder / f"scored-{name}"
    run("score", str(folder / name), "-o", str(out), "-c", str(folder / SETTINGS), *arguments)
    return read_scored(out)


def compare(served: Served) -> Figures:
    """Compare the scores of a champion with the truth."""
    new = served.new
    chance, value = new["true_probability"].to_numpy(float), new["true_value"].to_numpy(float)
    predicted, probability = (new[name].to_numpy(float) for name in ("predicted_value", "win_probability"))
    by_channel = new.groupby("channel")[["true_probability", "true_value", "predicted_value"]].sum()
    large = by_channel[by_channel["true_probability"] >= CHANNEL_WINS]
    still = served.still_open.sum(numeric_only=True)
    return Figures(
        money=float(predicted.sum() / value.sum()),
        wins=float(probability.sum() / chance.sum()),
        excess_log_loss=log_loss(chance, probability) - log_loss(chance, chance),
        top_fifth=captured(predicted, value),
        top_fifth_by_probability=captured(probability, value),
        channels={str(name): float(ratio) for name, ratio in (large["predicted_value"] / large["true_value"]).items()},
        open_money=float(still["predicted_value"] / still["true_value"]),
        open_wins=float(still["win_probability"] / still["true_probability"]),
    )


def log_loss(chance: Vector, probability: Vector) -> float:
    """Return the expected log loss of probabilities, given the true chances."""
    clipped = np.clip(probability, 1e-6, 1.0 - 1e-6)
    return float(-np.mean(chance * np.log(clipped) + (1.0 - chance) * np.log1p(-clipped)))


def captured(score: Vector, value: Vector) -> float:
    """Return the share of the true value in the top fifth by a score; ties in order of arrival."""
    top = np.argsort(-score, kind="stable")[: int(TOP * len(score))]
    return float(value[top].sum() / value.sum())
