"""Error rates of the promotion gate on worlds with known truth: `python -m benchmarks.gate --seeds 1 2`.

Needs the generator of worlds in shared/worlds next to the project, and skips without it. Each world is trained as it is
(sound: the gate should pass it) and spoilt in several ways (unsound: the gate, the leakage audit, the check of wins or
`leadworth evaluate` should stop it). At most 5 % of the sound may be stopped, and at most 5 % of the unsound passed.

The gate was developed on seeds 1 to 8.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before LightGBM loads OpenMP

import numpy as np
import pandas as pd

from crm.lead_history import LeadHistory, read_history
from leadworth.console import console, table
from leadworth.errors import LeakageError, TrainingError
from leadworth.settings import Settings, load_settings
from models.bundle import Bundle
from training.bundle_evaluation import evaluate_bundle
from training.champion_evaluation import challenge
from training.fitted_model import fit
from training.gate_rules import GateDecision
from training.labels import label
from training.pipeline import train
from training.served_path import file_value
from training.time_split import known_history

GENERATOR = Path(__file__).parents[2] / "shared" / "worlds" / "worlds.py"
RESULTS = Path(__file__).parent / "results" / "gate.json"
WORLDS = (
    "usual",
    "slow-giants",
    "quick",
    "two-speeds",
    "never-closed",
    "spring-clean",
    "worst-first",
    "all-closed",
    "sinking",
    "rising",
    "speeding-up",
    "thin",
    "undated",
    "flooded",
    "migrated",
    "no-money",
)
SPOILT_WORLDS = ("usual", "quick", "two-speeds", "all-closed", "thin", "undated", "flooded", "no-money")
OTHER_BUSINESS = {"quick": "usual"}
LATER_DAYS = 200
LEAK = "Note"
KEPT = ("Lead no", "Received")
REMOVED = ("Staff", "Position", "Trade", "Channel", "Text", "Company", "Page views", "Seconds on site", "Met at fair")


@dataclass(frozen=True)
class World:
    """Exports of one business, with their history."""

    name: str
    seed: int
    folder: Path
    settings: Settings
    history: LeadHistory
    snapshot: datetime

    def spoilt(self, kind: str, leads: pd.DataFrame | None = None, deals: pd.DataFrame | None = None) -> World:
        """Return the world with other exports, written next to it and read again."""
        out = self.folder.with_name(f"{self.folder.name} {kind}")
        out.mkdir(exist_ok=True)
        for name, changed in (("leads", leads), ("deals", deals)):
            (self.table(name) if changed is None else changed).to_csv(out / f"{name}.csv", index=False)
        text = (self.folder / "leadworth.toml").read_text()
        if leads is not None and LEAK in leads:
            text = text.replace("[leads.features]", f'[leads.features]\ncategorical = ["{LEAK}"]')
        (out / "leadworth.toml").write_text(text)
        settings = load_settings(out / "leadworth.toml")
        return replace(self, folder=out, settings=settings, history=read_history(settings))

    def table(self, name: str) -> pd.DataFrame:
        """Return an export as text."""
        return pd.read_csv(self.folder / f"{name}.csv", dtype="str")


@dataclass(frozen=True)
class Outcome:
    """Result of one model; `stopped_by` is empty where it would be champion.

    `value` is predicted over true value of the leads after the snapshot; `covered` says whether the 90 % interval of
    the sum holds the true one.
    """

    world: str
    seed: int
    kind: str
    stopped_by: str
    wins: str = ""
    value: float | None = None
    covered: bool | None = None


def world_of(name: str, seed: int, folder: Path) -> World:
    """Generate a world and read it."""
    out = folder / f"{name}-{seed}"
    if not (out / "world.json").is_file():
        command = [sys.executable, str(GENERATOR), str(out), "--world", name, "--seed", str(seed)]
        subprocess.run(command, check=True, capture_output=True)
    settings = load_settings(out / "leadworth.toml")
    snapshot = datetime.fromisoformat(json.loads((out / "world.json").read_text())["snapshot"])
    return World(name, seed, out, settings, read_history(settings), snapshot)


def sound(world: World) -> Outcome:
    """Train the world as it is."""
    return _trained(world, "sound")


def constant(world: World) -> Outcome:
    """Give each lead the inputs of another one."""
    leads = world.table("leads")
    order = np.random.default_rng(world.seed).permutation(len(leads))
    shuffled = {name: leads[name].to_numpy()[order] for name in leads if name not in KEPT}
    return _trained(world.spoilt("constant", leads=leads.assign(**shuffled)), "constant")


def shuffled_labels(world: World) -> Outcome:
    """Give each outcome to another lead of nearly the same day."""
    ids = world.table("leads").sort_values("Received")["Lead no"].to_numpy()
    rng = np.random.default_rng(world.seed)
    moved = dict(zip(ids, ids[np.argsort(np.arange(len(ids)) + rng.uniform(0.0, 100.0, len(ids)))], strict=True))
    deals = world.table("deals")
    return _trained(
        world.spoilt("shuffled labels", deals=deals.assign(Lead=deals["Lead"].map(moved))), "shuffled labels"
    )


def leaked(world: World) -> Outcome:
    """Add a column that is filled in when a lead is won, and rarely otherwise."""
    return _trained(_with_leak(world), "leaked")


def leaked_and_allowed(world: World) -> Outcome:
    """Allow such a column, so that only the gate can find it."""
    leaky = _with_leak(world)
    training = leaky.settings.training.model_copy(update={"allow": (LEAK,)})
    return _trained(
        replace(leaky, settings=leaky.settings.model_copy(update={"training": training})), "leaked, allowed"
    )


def without_wins(world: World) -> Outcome:
    """Take away every win."""
    return _trained(world.spoilt("without wins", deals=world.table("deals").assign(**{"Won on": None})), "without wins")


def inputs_removed(world: World) -> Outcome:
    """Train on the earlier leads, and score the later ones without the inputs that matter."""
    leads = world.table("leads")
    cut = pd.Timestamp(world.snapshot).tz_localize(None) - pd.Timedelta(days=LATER_DAYS)
    late = pd.to_datetime(leads["Received"]) > cut
    blank = {name: leads[name].mask(late) for name in REMOVED}
    return _served(world.spoilt("inputs removed", leads=leads.assign(**blank)), "inputs removed", _earlier_model(world))


def served_as_trained(world: World) -> Outcome:
    """Train on the earlier leads, and evaluate on the later ones: sound."""
    return _served(world, "sound, evaluated later", _earlier_model(world))


def of_another_business(world: World, other: World) -> Outcome:
    """Evaluate the model of another business."""
    return _served(world, f"trained on {other.name}", _earlier_model(other))


SOUND: tuple[Callable[[World], Outcome], ...] = (sound, served_as_trained)
UNSOUND: tuple[Callable[[World], Outcome], ...] = (
    constant,
    shuffled_labels,
    leaked,
    leaked_and_allowed,
    without_wins,
    inputs_removed,
)


def run(
    seeds: Sequence[int], worlds: Sequence[str], spoilt: Sequence[str], folder: Path, *, evaluated: bool
) -> Iterator[Outcome]:
    """Yield the outcome of every model."""
    for seed in seeds:
        for name in worlds:
            world = world_of(name, seed, folder)
            for case in SOUND if evaluated else SOUND[:1]:
                yield case(world)
            if name in spoilt:
                for case in UNSOUND:
                    yield case(world)
                if name in OTHER_BUSINESS:
                    yield of_another_business(world, world_of(OTHER_BUSINESS[name], seed, folder))


def _quiet(step: str) -> None:
    del step


def _trained(world: World, kind: str) -> Outcome:
    try:
        training = train(world.settings, world.history, as_of=world.snapshot, progress=_quiet)
    except (LeakageError, TrainingError) as error:
        return Outcome(world.name, world.seed, kind, type(error).__name__)
    wins = str(training.backtest.wins) if training.backtest else ""
    stopped = _stopped_by(challenge(training, None, world.settings))
    value, covered = _future(world, training.bundle) if kind == "sound" else (None, None)
    return Outcome(world.name, world.seed, kind, stopped, wins, value, covered)


def _future(world: World, bundle: Bundle) -> tuple[float, bool | None]:
    """Return predicted over true value of the leads after the snapshot, and whether its interval covers the truth."""
    truth = pd.read_csv(world.folder / "truth.csv")
    leads = world.settings.leads.model_copy(update={"path": str(world.folder / "future.csv")})
    settings = world.settings.model_copy(update={"leads": leads})
    predicted, actual = file_value(bundle, settings, truth["id"]), float(truth["v"].sum())
    if bundle.meta.intervals is None:
        return predicted / actual, None
    low, high = bundle.meta.intervals.total.of(predicted)
    return predicted / actual, low <= actual <= high


def _stopped_by(decision: GateDecision) -> str:
    return ", ".join(line.name for line in decision.lines if not line.passed)


def _with_leak(world: World) -> World:
    leads, deals = world.table("leads"), world.table("deals")
    rng = np.random.default_rng(world.seed)
    won = leads["Lead no"].isin(deals.loc[deals["Won on"].notna(), "Lead"]).to_numpy()
    filled = np.where(won, rng.random(len(won)) < 0.95, rng.random(len(won)) < 0.01)
    return world.spoilt("leaked", leads=leads.assign(**{LEAK: np.where(filled, "done", None)}))


def _earlier_model(world: World) -> Bundle:
    """Return the model trained as known some time before the snapshot."""
    return model_as_of(world, pd.Timestamp(world.snapshot) - pd.Timedelta(days=LATER_DAYS))


def model_as_of(world: World, cut: datetime) -> Bundle:
    """Return the model trained as known at a time, without the forward evaluation."""
    settings = world.settings
    known = known_history(world.history, as_of=cut, not_before=None, horizon_days=settings.horizon_days)
    labels = label(known.leads, known.outcomes, as_of=cut, horizon_days=settings.horizon_days)
    fitted = fit(
        known.leads.loc[labels.index],
        known.extras,
        labels,
        horizon_days=settings.horizon_days,
        junk=settings.junk,
        seed=settings.training.seed,
    )
    return fitted.evaluated_bundle(settings.horizon_days)


def _served(world: World, kind: str, bundle: Bundle) -> Outcome:
    horizon = world.settings.horizon_days
    known = known_history(world.history, as_of=world.snapshot, not_before=None, horizon_days=horizon)
    evaluation = evaluate_bundle(bundle, known, after=world.snapshot - timedelta(days=LATER_DAYS))
    stopped = "no verdict" if evaluation.decision is None else _stopped_by(evaluation.decision)
    wins = str(evaluation.backtest.wins) if evaluation.backtest else ""
    return Outcome(world.name, world.seed, kind, stopped, wins)


def summary(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Return how many models were sound and unsound, and how many of them the gate got wrong."""
    is_sound = [outcome.kind.startswith("sound") for outcome in outcomes]
    wrong = [bool(outcome.stopped_by) == right for outcome, right in zip(outcomes, is_sound, strict=True)]
    covered = [outcome.covered for outcome in outcomes if outcome.covered is not None]
    return {
        "sound": sum(is_sound),
        "sound_stopped": sum(error for error, right in zip(wrong, is_sound, strict=True) if right),
        "unsound": len(outcomes) - sum(is_sound),
        "unsound_passed": sum(error for error, right in zip(wrong, is_sound, strict=True) if not right),
        "intervals": len(covered),
        "intervals_covering": sum(covered),
    }


def main(arguments: Sequence[str] = ()) -> None:
    """Run, print and store the error rates."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=WORLDS)
    parser.add_argument("--spoilt", nargs="*", default=list(SPOILT_WORLDS), choices=WORLDS)
    parser.add_argument("--evaluated", action="store_true", help="also `leadworth evaluate` of sound models")
    parser.add_argument("--folder", type=Path, help="keep the worlds there; default: a temporary folder")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    chosen = parser.parse_args(arguments)
    if not GENERATOR.is_file():
        console.print(f"Skipped: there is no generator of worlds at {GENERATOR}.")
        return
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        for outcome in run(
            chosen.seeds, chosen.worlds, chosen.spoilt, chosen.folder or Path(scratch), evaluated=chosen.evaluated
        ):
            outcomes.append(outcome)
            sys.stderr.write(f"{json.dumps(asdict(outcome))}\n")
    columns = ("world", "seed", "kind", "stopped by", "backtest, wins", "value", "covered")
    rows = [
        (
            o.world,
            str(o.seed),
            o.kind,
            o.stopped_by or "passed",
            o.wins,
            "" if o.value is None else f"{o.value:.2f}",
            "" if o.covered is None else "yes" if o.covered else "no",
        )
        for o in outcomes
    ]
    console.print(table(columns, rows, title="Promotion gate"))
    counts = summary(outcomes)
    console.print(
        f"{counts['sound_stopped']} of {counts['sound']} sound models stopped, {counts['unsound_passed']} of "
        f"{counts['unsound']} unsound ones passed (at most 5 % of each); {counts['intervals_covering']} of "
        f"{counts['intervals']} 90 % intervals hold the true value of the leads after the snapshot"
    )
    if chosen.save:
        RESULTS.write_text(json.dumps({**counts, "models": [asdict(o) for o in outcomes]}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
