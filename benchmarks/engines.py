"""CPU, time and memory of the engines of `leadworth score`: `python -m benchmarks.engines [--leads N] [--folder F]`.

Copies of simulated leads, each with ids of its own, are scored from Parquet to Parquet with velocity: by one process,
by two worker processes, by a Dask cluster with two workers and by Spark with two tasks at a time. The command runs in
a session of its own, whose processes are sampled from /proc: CPU seconds of all of them, and the peak of the resident
set of each. The scores of all runs are compared. Read the ratios to the first run, and those of CPU on a busy
machine. Stored runs of engines that are not named stay where they have the same scores of as many leads.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from benchmarks import session_usage
from benchmarks.files import AS_OF, prepare
from leadworth.console import console, table

RESULTS = Path(__file__).parent / "results" / "engines.json"
LEADS = 1_000_000
ENGINES = {
    "one process": ("out.parquet",),
    "2 processes": ("out.parquet", "--workers", "2"),
    "Dask, 2 workers": ("out.parquet", "--engine", "dask", "--workers", "2"),
    "Spark, 2 tasks": ("out.parquet", "--engine", "spark", "--workers", "2"),
}


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, print a table and write `results/engines.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=LEADS)
    parser.add_argument("--folder", type=Path, help="with x1/ and bundle/ of an earlier run; kept")
    parser.add_argument("--engines", default=";".join(ENGINES), help="names, separated by semicolons")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="leadworth-engines-") as name:
        folder = options.folder or Path(name)
        if not (folder / "bundle").exists():
            prepare(folder)
        leads = multiplied(folder / "x1" / "leads.csv", folder / f"leads-{options.leads}.parquet", options.leads)
        chosen = {title: ENGINES[title] for title in (text.strip() for text in options.engines.split(";"))}
        runs = [measured(folder, leads, title, *arguments) for title, arguments in chosen.items()]
    result = {"leads": options.leads, "cpus": os.cpu_count(), "runs": runs}
    if RESULTS.is_file():
        result["runs"] = with_stored(result, json.loads(RESULTS.read_text("utf-8")))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    show(result)


def with_stored(result: dict[str, Any], stored: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the runs with stored ones of other engines that scored the same leads on as many cores, in order."""
    by_engine = {run["engine"]: run for run in result["runs"]}
    digests = {run["digest"] for run in result["runs"]}
    if (stored["leads"], stored["cpus"]) == (result["leads"], result["cpus"]):
        for run in stored["runs"]:
            if run["digest"] in digests:
                by_engine.setdefault(run["engine"], run)
    return [by_engine[title] for title in ENGINES if title in by_engine]


def multiplied(source: Path, target: Path, rows: int) -> Path:
    """Write copies of leads to a Parquet file, the ids of each copy apart from the others."""
    if target.exists():
        return target
    text = arrow_csv.ConvertOptions(strings_can_be_null=True, null_values=[""])
    layout = arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda _: "skip")
    leads = arrow_csv.read_csv(source, parse_options=layout, convert_options=text)
    leads = leads.cast(pa.schema([(name, pa.string()) for name in leads.column_names]))
    name = leads.column_names[0]
    with parquet.ParquetWriter(target, leads.schema, compression="zstd") as writer:
        for copy in range(-(-rows // len(leads))):
            part = leads.slice(0, min(len(leads), rows - copy * len(leads)))
            ids = pa.array([f"{text}-{copy}" for text in part.column(name).to_pylist()])
            writer.write_table(part.set_column(0, name, ids), row_group_size=min(50_000, -(-rows // 8)))
    return target


def measured(folder: Path, leads: Path, title: str, out: str, *options: str) -> dict[str, Any]:
    """Score with an engine; return its seconds, memory and the digest of its scores."""
    command = Path(sys.executable).with_name("leadworth")
    target = folder / f"{title.replace(' ', '-')}-{out}"
    fixed = ["--config", str(folder / "x1" / "leadworth.toml"), "--bundle", str(folder / "bundle")]
    fixed += ["--as-of", AS_OF.isoformat(), "--include-closed", "--reasons", "json"]
    usage = session_usage.run([command, "score", leads, "-o", target, *fixed, *options])
    rows, digest = scores_digest(target)
    result = {"engine": title, **usage, "rows": rows, "digest": digest}
    console.print(result)
    return result


def scores_digest(path: Path) -> tuple[int, str]:
    """Return the number of rows and a digest of numbers to 1e-9 and texts, independent of row groups."""
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    rows, digest = 0, 0
    for file in files:
        for batch in parquet.ParquetFile(file).iter_batches():
            frame = batch.to_pandas()
            for name in frame.select_dtypes("float"):
                frame[name] = frame[name].map("{:.9e}".format)
            digest += int(pd.util.hash_pandas_object(frame, index=False).to_numpy().sum(dtype=np.uint64))
            rows += len(frame)
    return rows, f"{digest % 2**64:016x}"


def show(result: dict[str, Any]) -> None:
    """Print the runs with ratios to the first one."""
    first = result["runs"][0]
    rows = [
        [
            run["engine"],
            run["seconds"],
            run["cpu_seconds"],
            f"{run['cpu_seconds'] / first['cpu_seconds']:.2f}",
            f"{run['cpu_seconds'] - first['cpu_seconds']:+.1f}",
            ", ".join(map(str, run["peak_mib"])),
            "yes" if run["digest"] == first["digest"] else "NO",
            " to ".join(map(str, run["load"])),
        ]
        for run in result["runs"]
    ]
    headers = ("engine", "seconds", "CPU s", "ratio", "more", "peak MiB a process", "equal", "load")
    console.print(table(headers, rows, right=("seconds", "CPU s", "ratio", "more")))


if __name__ == "__main__":
    main(sys.argv[1:])
