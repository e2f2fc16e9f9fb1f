"""Leads per second and memory of file scoring: `python -m benchmarks.files` (or `make bench`).

A simulated CRM of 100,000 leads and its tenfold, every copy with ids of its own, are
scored as `leadworth score` does, in a process of its own: CSV in, CSV and Parquet out, leads open
by `stages.csv` conditioned on their age. In turn with it, in another process, the same three boosters
predict the finished matrix with all threads: nothing read, no features, no reasons, nothing written.
Memory is the peak of the resident set less that after the imports. Read the ratios; those of CPU time
hold on a busy machine too.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import numpy as np

from leadworth.console import console, table

RESULTS = Path(__file__).parent / "results" / "files.json"
LEADS = 100_000
COPIES = 10
TRAINING = 20_000
AS_OF = datetime(2026, 10, 1, tzinfo=UTC)
REPEATS = {1: 3, COPIES: 1}
SHAPES = ("csv", "parquet", "raw")
_MIB = 2**20
T = TypeVar("T")


def main() -> None:
    """Measure, print a table and write `results/files.json`."""
    with tempfile.TemporaryDirectory(prefix="leadworth-files-") as name:
        folder = Path(name)
        _alone(prepare, folder)
        runs = [run for copies, repeats in REPEATS.items() for run in _interleaved(folder, copies, repeats)]
    result = _result(runs)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    _show(result)


def prepare(folder: Path) -> None:
    """Simulate and train a model; simulate the leads to score, and compute their matrix."""
    from crm.lead_batches import LeadFile
    from crm.lead_history import read_history
    from crm.rejects import Rejects
    from leadworth.settings import load_settings
    from models.bundle import Bundle, BundleMetadata
    from models.policy import Policy
    from training.fitted_model import fit
    from training.time_split import known_history

    for place, leads, seed in (("train", TRAINING, 7), ("x1", LEADS, 8)):
        command = ["leadworth", "simulate", str(folder / place), "--leads", str(leads), "--seed", str(seed)]
        subprocess.run([Path(sys.executable).parent / command[0], *command[1:]], check=True, capture_output=True)
    settings = load_settings(folder / "train" / "leadworth.toml")
    history = read_history(settings)
    known = known_history(history, as_of=AS_OF, not_before=None, horizon_days=settings.horizon_days)
    learned = fit(
        known.leads.loc[known.labels.index],
        known.extras,
        known.labels,
        horizon_days=settings.horizon_days,
        junk=settings.junk,
        seed=settings.training.seed,
    )
    meta = BundleMetadata(currency=settings.currency, horizon_days=365, margin=0.4, touch_cost=25.0)
    Bundle(learned.spec, learned.value_model, Policy.shipped(), meta).save(folder / "bundle")
    source = load_settings(folder / "x1" / "leadworth.toml").leads
    batches = LeadFile(folder / "x1" / "leads.csv", source, UTC, learned.spec.extras, Rejects(None)).batches()
    np.save(folder / "matrix.npy", np.concatenate([learned.spec.matrix(leads) for _, leads in batches]))
    _multiply(folder / "x1", folder / f"x{COPIES}")


def _multiply(given: Path, wanted: Path) -> None:
    """Write copies of the leads and stages, the ids of each copy apart from the others."""
    wanted.mkdir()
    shutil.copy(given / "leadworth.toml", wanted)
    for name in ("leads.csv", "stages.csv"):
        header, _, rows = (given / name).read_text(encoding="utf-8").partition("\n")
        with (wanted / name).open("w", encoding="utf-8") as file:
            file.write(header + "\n")
            for copy in range(COPIES):
                file.write(rows.replace('\n"L-', f'\n"L{copy}-').replace('"L-', f'"L{copy}-', 1))


def _interleaved(folder: Path, copies: int, repeats: int) -> list[dict[str, Any]]:
    shapes = SHAPES if copies == 1 else ("csv", "raw")
    runs = []
    for _ in range(repeats):
        for what in shapes:
            result = _alone(predict, folder, copies) if what == "raw" else _alone(score, folder, copies, what)
            runs.append({"what": what, "leads": LEADS * copies, **result})
            console.print(f"{what} {LEADS * copies:,}: {result['seconds']:.1f} s, {result['peak_mib']:.0f} MiB")
    return runs


def score(folder: Path, copies: int, kind: str) -> dict[str, float]:
    """Score a file; return seconds and the peak of memory above that after the imports, in MiB."""
    from leadworth.settings import load_settings
    from models.bundle import Bundle
    from serving.batch.partitioned_run import score_partitioned
    from serving.batch.score_job import ScoreJob

    place = folder / f"x{copies}"
    settings = load_settings(place / "leadworth.toml")
    before = _resident()
    start = _clocks()
    job = ScoreJob(place / "leads.csv", Bundle.load(folder / "bundle"), settings, AS_OF)
    scored = score_partitioned(job, place / f"scores.{kind}")
    if scored.counts.rows_kept != LEADS * copies:
        raise RuntimeError(f"{scored.counts} instead of {LEADS * copies} leads")
    return _measured(start, before)


def predict(folder: Path, copies: int) -> dict[str, float]:
    """Let the boosters predict the finished matrix; return seconds and memory as `score` does."""
    import lightgbm

    boosters = [lightgbm.Booster(model_file=str(file)) for file in sorted((folder / "bundle" / "worth").glob("*.txt"))]
    matrix = np.tile(np.load(folder / "matrix.npy"), (copies, 1))
    before = _resident()
    start = _clocks()
    for booster in boosters:
        booster.predict(matrix, raw_score=True)
    return _measured(start, before) | {"boosters": len(boosters), "features": matrix.shape[1]}


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _measured(start: tuple[float, float], before: int) -> dict[str, float]:
    seconds, cpu_seconds = (now - then for now, then in zip(_clocks(), start, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mib": (peak - before) / _MIB}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _alone(function: Callable[..., T], *arguments: object) -> T:
    """Run a function in a fresh interpreter."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def _result(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return medians, ratios and what was measured."""
    result: dict[str, Any] = {"as_of": AS_OF.isoformat(), "cpus": os.cpu_count(), "runs": runs, "medians": {}}
    for leads in sorted({run["leads"] for run in runs}):
        of = {
            what: {
                key: median(run[key] for run in runs if (run["leads"], run["what"]) == (leads, what)) for key in _KEYS
            }
            for what in SHAPES
            if any((run["leads"], run["what"]) == (leads, what) for run in runs)
        }
        result["medians"][str(leads)] = {
            what: {
                "seconds": round(row["seconds"], 2),
                "leads_per_second": round(leads / row["seconds"]),
                "share_of_raw_speed": round(of["raw"]["seconds"] / row["seconds"], 3),
                "share_of_raw_cpu": round(of["raw"]["cpu_seconds"] / row["cpu_seconds"], 3),
                "cpu_us_per_lead": round(1e6 * row["cpu_seconds"] / leads, 1),
                "peak_mib": round(row["peak_mib"]),
            }
            for what, row in of.items()
        }
    small, large = (row["csv"]["peak_mib"] for row in result["medians"].values())
    result["growth"] = round(large / small - 1, 3)
    return result


_KEYS = ("seconds", "cpu_seconds", "peak_mib")


def _show(result: dict[str, Any]) -> None:
    headers = ("leads", "to", "seconds", "leads a second", "share of raw", "by CPU", "CPU us a lead", "peak MiB")
    rows = [
        [f"{int(leads):,}", what, *row.values()]
        for leads, whats in result["medians"].items()
        for what, row in whats.items()
    ]
    console.print(table(headers, rows, right=("leads", *headers[2:])))
    growth = f"{result['growth']:+.1%} from {LEADS:,} to {LEADS * COPIES:,} leads (target: below +10 %)"
    console.print(f"peak memory grows by {growth}", soft_wrap=True)


if __name__ == "__main__":
    main()
