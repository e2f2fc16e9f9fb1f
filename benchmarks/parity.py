"""The same leads by every path, in every world: `python -m benchmarks.parity --seed 101`.

Needs the generator of worlds in shared/worlds next to the project, and skips without it. Per world: `leadworth train`;
`leadworth score` of the leads after the export; the first of them over HTTP, in order of time, by a service that was
never started before (cold), by the same service after a restart (warm), and by two workers; the table and the model as
MLflow loads it, in this process. All numbers of a score must be equal to 1e-9, relative.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import mlflow
import numpy as np
import pandas as pd

from benchmarks import worlds
from crm.lead_batches import LeadFile
from crm.rejects import Rejects
from features.velocity_keys import FIELDS
from features.velocity_table import with_columns
from leadworth.console import console
from leadworth.settings import Settings, load_settings
from models.bundle import Bundle
from models.bundle_loading import load_bundle
from serving.batch.file_velocity import count_file

RESULTS = Path(__file__).parent / "results" / "parity.json"
NUMBERS = ["win_probability", "expected_revenue", "predicted_value", "junk_probability", "automation_probability"]
LEADS = 150
TOLERANCE = 1e-9
SETTINGS = "leadworth.toml"
SERVICE = "\n[serving]\nport = 0\napi_keys = false\n"
READY_SECONDS = 90.0
Paths = dict[str, float]


def command(folder: Path, *arguments: str) -> str:
    """Run a command in a folder and return its standard output."""
    root = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "leadworth", *arguments, "-c", SETTINGS],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": root},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@contextmanager
def service(folder: Path, workers: int) -> Iterator[str]:
    """Run the service of a folder; give its address once it is ready."""
    root = str(Path(__file__).parents[1])
    with (folder / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "leadworth", "serve", "-c", SETTINGS, "--workers", str(workers)],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": root, "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found, (folder / "serve.log").read_text()
            _wait(found[0])
            yield found[0]
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait(address: str) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except (HTTPError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"{address} is not ready after {READY_SECONDS:.0f} s")


def over_http(folder: Path, leads: pd.DataFrame, workers: int = 1) -> pd.DataFrame:
    """Score leads one by one, in their order."""
    rows = []
    with service(folder, workers) as address:
        for lead in leads.to_dict("records"):
            request = urllib.request.Request(
                f"{address}/v1/scores", json.dumps(body(lead)).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=30) as answer:
                rows.append(json.loads(answer.read()))
    return pd.DataFrame(rows)


def body(lead: dict[Any, Any]) -> dict[str, Any]:
    """Return a lead of a lead table as a body of a call."""
    fields = {str(name).removeprefix("extras."): value for name, value in lead.items() if not pd.isna(value)}
    fields["submitted_at"] = fields["submitted_at"].isoformat()
    return fields


def future_leads(folder: Path, settings: Settings, bundle: Bundle) -> pd.DataFrame:
    """Return the leads after the export, with their velocity counts as `leadworth score` counts them."""
    path = folder / "future.csv"
    counts = count_file(path, settings, bundle.spec, write=False).counts
    file = LeadFile(path, settings.leads, settings.zone, bundle.spec.extras, Rejects(None))
    leads = pd.concat([part for _, part in file.batches()], ignore_index=True)
    return leads if counts is None else with_columns(leads, counts.columns(0, len(leads)))


def differences(name: str, seed: int, scratch: Path) -> Paths:
    """Return the largest relative difference of each path from the file, in one world."""
    folder = scratch / f"{name}-{seed}"
    generate = [sys.executable, str(worlds.SHARED / "worlds.py"), str(folder), "--world", name, "--seed", str(seed)]
    subprocess.run(generate, check=True, capture_output=True)
    with (folder / SETTINGS).open("a") as file:
        file.write(SERVICE)
    snapshot = json.loads((folder / "world.json").read_text())["snapshot"][:19]
    if "is champion now" not in command(folder, "train", "--as-of", snapshot):
        command(folder, "models", "promote", "1", "--force", "--reason", "benchmark of parity")
    http = scratch / f"{name}-{seed}-http"
    two = scratch / f"{name}-{seed}-two"
    for copy in (http, two):
        shutil.copytree(folder, copy)
    command(folder, "score", "future.csv", "-o", "scores.parquet", "--at-submit")
    settings = load_settings(folder / SETTINGS)
    bundle = load_bundle(settings, None)
    leads = future_leads(folder, settings, bundle)
    scored = pd.read_parquet(folder / "scores.parquet").set_index(settings.leads.id)
    first = leads.drop(columns=list(FIELDS), errors="ignore").head(LEADS)
    mlflow.set_tracking_uri(settings.registry.uri.replace("///", f"///{folder}/", 1))
    model = mlflow.pyfunc.load_model(f"models:/{settings.registry.model}@champion")
    paths = {
        "table": bundle.score_table(leads, scored_at=datetime.now(UTC)),
        "MLflow": model.predict(leads.rename(columns=lambda column: str(column).removeprefix("extras."))),
        "HTTP, cold": over_http(http, first),
        "HTTP, restarted": over_http(http, first),
        "HTTP, two workers": over_http(two, first, workers=2),
    }
    return {path: _difference(scored, scores) for path, scores in paths.items()}


def _difference(scored: pd.DataFrame, scores: pd.DataFrame) -> float:
    expected = scored.loc[scores["lead_id"], NUMBERS].to_numpy(float)
    found = scores[NUMBERS].to_numpy(float)
    return float((np.abs(found - expected) / np.maximum(np.abs(expected), 1e-300)).max())


def main() -> None:
    """Print the largest difference of each path, by world."""
    parser = argparse.ArgumentParser(description="Compare the scores of the same leads by every path.")
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--worlds", nargs="+", help="some worlds only")
    options = parser.parse_args()
    if not (worlds.SHARED / "worlds.py").is_file():
        console.print(f"Skipped: {worlds.SHARED} has no worlds; they are not part of the project.")
        return
    results: dict[str, Paths] = {}
    for name in options.worlds or worlds.worlds():
        with tempfile.TemporaryDirectory(prefix="leadworth-") as scratch:
            results[name] = differences(name, options.seed, Path(scratch))
        equal = all(difference <= TOLERANCE for difference in results[name].values())
        shown = ", ".join(f"{path} {difference:.1e}" for path, difference in results[name].items())
        console.print(f"{'equal' if equal else 'DIFFERENT'}  {name}: {shown}", soft_wrap=True)
        RESULTS.write_text(json.dumps({"seed": options.seed, "worlds": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
