"""`leadworth score` against plain pandas: `python -m benchmarks.peer_scoring [--folder F] [--leads N ...]`.

The same leads are scored from Parquet to Parquet in turn by `benchmarks.peers.plain_pandas` (60 plain features and
`predict` of the same three models, nothing else) and by `leadworth score --workers 2` with everything: velocity, all
features, models, policy and reasons. Both are whole commands with their start. Read the ratios of one run; that of CPU
holds on a busy machine too.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import session_usage
from benchmarks.engines import multiplied
from benchmarks.files import AS_OF, prepare
from leadworth.console import console, table

RESULTS = Path(__file__).parent / "results" / "peer_scoring.json"
REPEATS = {100_000: 5, 1_000_000: 3, 10_000_000: 1}
WORKERS = 2
BAR = 3.0
MOST_OF_PANDAS = 3_000_000
"""Above it leadworth runs alone: pandas takes 2.9 GiB for a million leads."""
_KEYS = ("seconds", "cpu_seconds")


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, print a table and write `results/peer_scoring.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="with x1/ and bundle/ of an earlier run; kept")
    parser.add_argument("--leads", type=int, nargs="*", default=list(REPEATS))
    parser.add_argument("--repeats", type=int, help="runs of each; left out: 5 of 100,000 leads, 3 of a million")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="leadworth-peer-") as name:
        folder = options.folder or Path(name)
        if not (folder / "bundle").exists():
            prepare(folder)
        runs = [
            run
            for leads in options.leads
            for run in interleaved(folder, leads, options.repeats or REPEATS.get(leads, 1))
        ]
    result = {"workers": WORKERS, "cpus": os.cpu_count(), "runs": runs, "ratios": ratios(runs)}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    show(result)


def interleaved(folder: Path, leads: int, repeats: int) -> list[dict[str, Any]]:
    """Run both in turn; a velocity store of its own for each run of leadworth, which is deleted."""
    source = multiplied(folder / "x1" / "leads.csv", folder / f"leads-{leads}.parquet", leads)
    command = Path(sys.executable).with_name("leadworth")
    fixed = ["--config", folder / "x1" / "leadworth.toml", "--bundle", folder / "bundle", "--as-of", AS_OF.isoformat()]
    ours = [command, "score", source, *fixed, "--include-closed", "--reasons", "json", "--workers", str(WORKERS)]
    theirs = [sys.executable, "-m", "benchmarks.peers.plain_pandas", source]
    runs = []
    for repeat in range(repeats):
        with tempfile.TemporaryDirectory(dir=folder) as name:
            store = f"sqlite:///{name}/store.db"
            environment = {**os.environ, "LEADWORTH_SERVING__STORE": store}
            outputs = Path(name) / "plain.parquet", Path(name) / "scored.parquet"
            commands = {
                "pandas": [*theirs, outputs[0], folder / "bundle" / "worth"],
                "leadworth": [*ours, "-o", outputs[1]],
            }
            if leads > MOST_OF_PANDAS:
                del commands["pandas"]
            for what, parts in commands.items():
                runs.append({"what": what, "leads": leads, "repeat": repeat, **session_usage.run(parts, environment)})
                console.print(runs[-1])
    return runs


def ratios(runs: Sequence[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the medians by number of leads, and their ratios where pandas ran, too."""
    result: dict[str, dict[str, float]] = {}
    for leads in sorted({run["leads"] for run in runs}):
        here = [run for run in runs if run["leads"] == leads]
        medians = result[str(leads)] = {}
        for what in dict.fromkeys(run["what"] for run in here):
            for key in _KEYS:
                medians[f"{what}_{key}"] = round(median(run[key] for run in here if run["what"] == what), 2)
        for key in _KEYS:
            if f"pandas_{key}" in medians:
                medians[f"{key}_ratio"] = round(medians[f"leadworth_{key}"] / medians[f"pandas_{key}"], 2)
        medians["leadworth_peak_mib"] = max(run["peak_mib"][0] for run in here if run["what"] == "leadworth")
    return result


def show(result: dict[str, Any]) -> None:
    """Print medians and ratios."""
    headers = ("leads", "pandas s", "leadworth s", "ratio", "pandas CPU s", "leadworth CPU s", "ratio of CPU")
    rows = [
        [
            f"{int(leads):,}",
            *(row.get(f"{what}_seconds", "-") for what in ("pandas", "leadworth")),
            row.get("seconds_ratio", "-"),
            *(row.get(f"{what}_cpu_seconds", "-") for what in ("pandas", "leadworth")),
            row.get("cpu_seconds_ratio", "-"),
        ]
        for leads, row in result["ratios"].items()
    ]
    console.print(table(headers, rows, right=headers))


if __name__ == "__main__":
    main(sys.argv[1:])
