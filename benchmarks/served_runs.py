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
    """Scores of the commands with the truth, one row per lead.

    Attributes
    ----------
    new
        Leads after the export, scored as at submit; `win_probability_truth` and `value_truth` of the simulator.
    still_open
        Leads open at the export, scored as of the export; the truth is given that they are open.
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
    printed = run("train", "-c", settings, *arguments)
    promoted = PROMOTED in printed
    if not promoted:
        run("models", "promote", "1", "--force", "--reason", "evaluated in a benchmark", "-c", settings)
    failed = tuple(line.strip() for line in printed.splitlines() if FAILED in line)
    return Training(promoted, failed)


def serve(folder: Path, truth: pd.DataFrame) -> Served:
    """Score the leads after the export and the leads of the CRM with the champion of a folder."""
    new = _scores(folder, "new-leads.csv", "--at-submit")
    known = _scores(folder, "leads.csv", "--as-of", str(truth.attrs["end"]))
    columns = {"win_probability": "win_probability_truth", "value": "value_truth"}
    at_submit = truth.rename(columns=columns)[["channel", *columns.values()]]
    given_open = truth[truth["open_at_end"]]
    given_open = given_open.drop(columns=[*columns]).rename(
        columns={"open_win_probability": "win_probability_truth", "open_value": "value_truth"}
    )
    if len(lost := given_open.index.difference(known.index)):
        raise LeadworthError(f"{len(lost)} open leads have no score", do="see the output of leadworth score")
    return Served(
        new=new.join(at_submit),
        still_open=given_open[["channel", *columns.values()]].join(known),
    )


def read_truth(folder: Path, end: str) -> pd.DataFrame:
    """Return the truth of a simulated CRM, indexed by lead."""
    truth = pd.read_csv(folder / "truth.csv", index_col="lead_id", low_memory=False)
    truth.attrs["end"] = end
    return truth


def _scores(folder: Path, name: str, *arguments: str) -> pd.DataFrame:
    out = folder / f"scored-{name}"
    run("score", str(folder / name), "-o", str(out), "-c", str(folder / SETTINGS), *arguments)
    columns = ["Lead ID", "win_probability", "expected_revenue", "predicted_value"]
    return pd.read_csv(out, usecols=columns, index_col="Lead ID").rename_axis("lead_id")


def compare(served: Served) -> Figures:
    """Compare the scores of a champion with the truth."""
    new = served.new
    chance, value = new["win_probability_truth"].to_numpy(float), new["value_truth"].to_numpy(float)
    predicted, probability = (new[name].to_numpy(float) for name in ("predicted_value", "win_probability"))
    by_channel = new.groupby("channel")[["win_probability_truth", "value_truth", "predicted_value"]].sum()
    large = by_channel[by_channel["win_probability_truth"] >= CHANNEL_WINS]
    still = served.still_open.sum(numeric_only=True)
    return Figures(
        money=float(predicted.sum() / value.sum()),
        wins=float(probability.sum() / chance.sum()),
        excess_log_loss=log_loss(chance, probability) - log_loss(chance, chance),
        top_fifth=captured(predicted, value),
        top_fifth_by_probability=captured(probability, value),
        channels={str(name): float(ratio) for name, ratio in (large["predicted_value"] / large["value_truth"]).items()},
        open_money=float(still["predicted_value"] / still["value_truth"]),
        open_wins=float(still["win_probability"] / still["win_probability_truth"]),
    )


def log_loss(chance: Vector, probability: Vector) -> float:
    """Return the expected log loss of probabilities, given the true chances."""
    clipped = np.clip(probability, 1e-6, 1.0 - 1e-6)
    return float(-np.mean(chance * np.log(clipped) + (1.0 - chance) * np.log1p(-clipped)))


def captured(score: Vector, value: Vector) -> float:
    """Return the share of the true value in the top fifth by a score; ties in order of arrival."""
    top = np.argsort(-score, kind="stable")[: int(TOP * len(score))]
    return float(value[top].sum() / value.sum())
