"""Late outcomes on simulated CRMs with known truth: `python -m benchmarks.simulated` (or `make bench`).

Everything goes through the commands, as users are served. Per scenario and seed: `leadworth simulate` writes 20 months
of leads as exported, and the leads of the 45 days after; `leadworth train` learns from the export; `leadworth score`
scores the new leads as at submit and the leads open at the export given their age. The scores are compared with
the true probabilities and values, so that the evaluation has no sampling noise of outcomes; the training data have.

In the base scenario, two references show what the data allow: the same commands with the final outcome of every
lead ("full knowledge"), and the baselines of the training report, fitted in this process.

The design was tuned on seeds from 100 on; reported are seeds 1 to 4.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import pandas as pd
from rich.table import Table

from benchmarks import served_runs
from benchmarks.served_runs import SETTINGS, Figures, Training, captured, compare, log_loss
from crm.lead_batches import LeadFile
from crm.lead_history import read_history
from crm.rejects import Rejects
from features.lead_cells import fit_spec
from leadworth.console import console
from leadworth.settings import load_settings
from simulation import simulate
from simulation.export_files import write
from simulation.parameters import scenarios
from simulation.truth_comparison import read_truth
from training.baselines import BASELINES, BaselineInput
from training.labels import label

RESULTS = Path(__file__).parent / "results" / "simulated.json"
SEEDS = (1, 2, 3, 4)
LEADS = 14_000
MONTHS = 20
NEW_DAYS = 45
END = "2025-09-01"
"""Early enough that all outcomes of the leads are in the past."""
BASE = "base"
MECHANISMS = (
    "two-speeds",
    "slow-giants",
    "speeding-up",
    "never-closed",
    "all-closed",
    "spring-clean",
    "worst-first",
    "sinking",
    "new-offer",
    "archived",
)
FULL = "full knowledge"


@dataclass(frozen=True)
class Run:
    """One scenario and seed: the verdict of the gate, and the figures against the truth."""

    training: Training
    figures: Figures


def served(folder: Path, scenario: str, seed: int, leads: int) -> Run:
    """Simulate, train and score by command; the folder keeps the files."""
    named = None if scenario == BASE else scenario
    served_runs.simulate(folder, scenario=named, leads=leads, months=MONTHS, new_days=NEW_DAYS, seed=seed, end=END)
    training = served_runs.train(folder)
    return Run(training, compare(served_runs.serve(folder, END)))


def full_knowledge(folder: Path, seed: int, leads: int) -> Figures:
    """Train and score by command with all outcomes of the leads of the export, as they will be a year later."""
    world = simulate(leads=leads, months=MONTHS, new_days=NEW_DAYS, seed=seed, end=date.fromisoformat(END))
    in_export = world.events["lead_id"].isin(world.leads["Lead ID"])
    write(replace(world, stages=world.events[in_export].reset_index(drop=True)), folder)
    later = date.fromisoformat(END) + timedelta(days=world.parameters.world.horizon_days + 1)
    served_runs.train(folder, "--as-of", later.isoformat())
    return compare(served_runs.serve(folder, END))


def baselines(folder: Path, seed: int) -> dict[str, dict[str, float]]:
    """Return money, excess log loss and top fifth of each baseline on the new leads of a folder."""
    settings = load_settings(folder / SETTINGS)
    history = read_history(settings)
    labels = label(history.leads, history.outcomes, as_of=settings.training.as_of, horizon_days=settings.horizon_days)
    known = history.leads.loc[labels.index]
    spec = fit_spec(known, history.extras)
    file = LeadFile(folder / "new-leads.csv", settings.leads, settings.zone, history.extras, Rejects(None))
    new = pd.concat([leads for _, leads in file.batches()], ignore_index=True)
    truth = read_truth(folder / "truth.csv").set_index("lead_id").loc[new["lead_id"]]
    chance, value = (truth[name].to_numpy(float) for name in ("win_probability", "value"))
    data = BaselineInput(spec.matrix(known), spec, labels, seed)
    result = {}
    for baseline in BASELINES:
        forecast = baseline.fit(data)(spec.matrix(new))
        result[baseline.name] = {
            "money": float(forecast.value.sum() / value.sum()),
            "excess_log_loss": log_loss(chance, forecast.probability) - log_loss(chance, chance),
            "top_fifth": captured(forecast.value, value),
        }
    return result


def run(seeds: Sequence[int], leads: int) -> tuple[dict[str, list[Run]], dict[str, list[dict[str, float]]]]:
    """Return the runs by scenario, and the references of the base scenario by name."""
    runs: dict[str, list[Run]] = {}
    references: dict[str, list[dict[str, float]]] = {}
    for scenario in (BASE, *MECHANISMS):
        for seed in seeds:
            began = time.perf_counter()
            folder = Path(tempfile.mkdtemp(prefix="leadworth-"))
            try:
                one = served(folder / "export", scenario, seed, leads)
                runs.setdefault(scenario, []).append(one)
                if scenario == BASE:
                    for name, figures in baselines(folder / "export", seed).items():
                        references.setdefault(name, []).append(figures)
                    references.setdefault(FULL, []).append(asdict(full_knowledge(folder / "full", seed, leads)))
            finally:
                shutil.rmtree(folder)
            figures = one.figures
            verdict = "passed" if one.training.promoted else "stopped it"
            console.print(
                f"{scenario} {seed}: money {figures.money:.2f}, wins {figures.wins:.2f}, "
                f"open {figures.open_money:.2f}, gate {verdict}; {time.perf_counter() - began:.0f} s",
                soft_wrap=True,
            )
            for line in one.training.failed:
                console.print(f"  {line}", markup=False, soft_wrap=True)
    return runs, references


def summary(runs: dict[str, list[Run]]) -> dict[str, dict[str, Any]]:
    """Return one row per scenario, with the figures of each seed."""
    about = {
        BASE: "Deals take two to three months, large ones longer; half of the lost leads are closed.",
        **scenarios(),
    }
    rows = {}
    for name, group in runs.items():
        figures = [one.figures for one in group]
        ratios = [ratio for one in figures for ratio in one.channels.values()]
        by_seed = {key: [getattr(one, key) for one in figures] for key in Figures.__annotations__ if key != "channels"}
        rows[name] = {
            "about": about[name],
            "promoted": sum(one.training.promoted for one in group),
            "channels": [min(ratios), max(ratios)] if ratios else None,
            **by_seed,
        }
    return rows


def show(rows: dict[str, dict[str, Any]], leads: int) -> Table:
    """Return the summary as a table."""
    table = Table(title=f"{leads:,} leads, {MONTHS} months and {NEW_DAYS} days; ratios to the truth, mean of the seeds")
    headings = ("money", "lowest, highest", "wins", "open money", "excess log loss", "top fifth", "gate passed")
    for heading in ("scenario", *headings):
        table.add_column(heading, justify="left" if heading == "scenario" else "right")
    for name, row in rows.items():
        money, wins, still = (f"{mean(row[key]):.2f}" for key in ("money", "wins", "open_money"))
        spread = f"{min(row['money']):.2f}, {max(row['money']):.2f}"
        loss, top = f"{mean(row['excess_log_loss']):.5f}", f"{mean(row['top_fifth']):.3f}"
        passed = f"{row['promoted']} of {len(row['money'])}"
        table.add_row(name, money, spread, wins, still, loss, top, passed)
    return table


def main(seeds: tuple[int, ...] = SEEDS, leads: int = LEADS) -> None:
    """Run and print the figures; store them unless the number of leads is another one."""
    runs, references = run(seeds, leads)
    rows = summary(runs)
    console.print(show(rows, leads))
    content = {
        "seeds": seeds,
        "leads": leads,
        "months": MONTHS,
        "new_days": NEW_DAYS,
        "scenarios": rows,
        "references": {
            name: {key: [one[key] for one in group] for key in ("money", "excess_log_loss", "top_fifth")}
            for name, group in references.items()
        },
    }
    if leads == LEADS:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SEEDS)
