"""Scores of workers and clusters are those of one process, whoever is killed in between.

The command runs as users run it, with a trained model and velocity, in parts of a few hundred rows.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from serving.batch.run_folder import run_folder

pytestmark = pytest.mark.slow

PROGRAM = "from crm import lead_partitions; lead_partitions.ROWS = {rows}; from leadworth.cli import main; main()"
LEADS = 6_000
PART_ROWS = 100
KILLS = 10
BETWEEN_KILLS = 3
"""Parts between two kills, more than are in work at a time: a part whose worker dies four times ends the run."""
COMMAND_KILLS = {"processes": KILLS, "dask": 3, "spark": 2}
"""Clusters of this machine take long to start."""
ENGINES = {
    "processes": ["--workers", "2"],
    "dask": ["--engine", "dask", "--workers", "2"],
    "spark": ["--engine", "spark", "--workers", "2"],
}
SPARK = pytest.param(
    "spark",
    marks=pytest.mark.skipif(find_spec("pyspark") is None, reason="pip install leadworth[spark]; Spark needs Java 17"),
)
ALL = pytest.mark.parametrize("engine", ["processes", "dask", SPARK])
MINUTES = 15 * 60.0


class World:
    """Simulated CRM with a champion, and the scores of its leads by one process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.leads = folder / "leads.csv"
        self.whole = folder / "whole.parquet"

    def start(self, leads: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
        """Start the command, in parts."""
        command = ["score", str(leads), "-o", str(out), "--config", str(self.folder / "leadworth.toml")]
        program = PROGRAM.format(rows=PART_ROWS)
        return subprocess.Popen(
            [sys.executable, "-c", program, *command, "--as-of", "2026-10-01", "--include-closed", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def score(self, leads: Path, out: Path, *options: str) -> str:
        """Run the command to its end; return what it prints."""
        return finished(self.start(leads, out, *options))

    def require_equal(self, out: Path) -> None:
        """Compare scores and rejected rows with those of one process: numbers to 1e-9, texts exactly."""
        scores, whole = rows_of(out), rows_of(self.whole)
        assert list(scores.columns) == list(whole.columns)
        assert scores["Lead ID"].tolist() == whole["Lead ID"].tolist()
        for name in whole.columns:
            if pd.api.types.is_float_dtype(whole[name]):
                np.testing.assert_allclose(scores[name], whole[name], rtol=1e-9, atol=0)
            else:
                assert scores[name].tolist() == whole[name].tolist(), name
        assert not run_folder(out).exists()


def finished(process: subprocess.Popen[bytes]) -> str:
    text = process.communicate(timeout=MINUTES)[0].decode()
    assert process.returncode == 0, text
    return text


def rows_of(path: Path) -> pd.DataFrame:
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype={"Lead ID": str})
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("engines")
    made = World(folder)
    command = Path(sys.executable).with_name("leadworth")
    config = str(folder / "leadworth.toml")
    subprocess.run([command, "simulate", folder, "--leads", str(LEADS), "--seed", "3"], check=True)
    with made.leads.open("a", encoding="utf-8") as file:
        file.write("too,few\n")
    subprocess.run([command, "train", "--config", config], check=True, cwd=folder)
    command_line = [command, "score", made.leads, "-o", made.whole, "--config", config, "--include-closed"]
    subprocess.run([*command_line, "--as-of", "2026-10-01"], check=True)
    table = arrow_csv.read_csv(
        made.leads, parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda _: "skip")
    )
    parquet.write_table(table, folder / "leads.parquet", row_group_size=PART_ROWS)
    return made


def results(out: Path) -> int:
    """Return the number of scored parts."""
    return len(list(run_folder(out).glob("*/result-*.json")))


def wait_for(process: subprocess.Popen[bytes], out: Path, parts: int) -> None:
    """Wait until so many parts are scored, or the run ends."""
    deadline = time.monotonic() + MINUTES
    while process.poll() is None and results(out) < parts:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def workers(pid: int) -> list[int]:
    """Return the processes below a process that run tasks: spawned by `multiprocessing`, or forked by that of Spark."""
    return [
        child
        for child in below(pid)
        if b"spawn_main" in command_line(child) or (b"pyspark.daemon" in command_line(child) and not below(child))
    ]


def below(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text().split()):
                children += [child, *below(child)]
    return children


def command_line(pid: int) -> bytes:
    """Return the command line of a process; empty where it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@ALL
@pytest.mark.parametrize(("source", "target"), [("leads.csv", "a.parquet"), ("leads.csv", "b"), ("leads.csv", "c.csv")])
def test_scores_are_those_of_one_process(world: World, engine: str, source: str, target: str) -> None:
    out = world.folder / f"{engine}-{target}"
    world.score(world.folder / source, out, *ENGINES[engine])
    if out.suffix == ".csv":
        world.score(world.folder / source, out.with_name(f"one-{target}"))
        assert out.read_bytes() == out.with_name(f"one-{target}").read_bytes()
    else:
        world.require_equal(out)
    rejected = [pd.read_csv(path) for path in (out.with_suffix(".rejected.csv"), world.folder / "whole.rejected.csv")]
    assert sorted(map(tuple, rejected[0].to_numpy().tolist())) == sorted(map(tuple, rejected[1].to_numpy().tolist()))


@ALL
def test_parquet_scores_are_those_of_one_process(world: World, engine: str) -> None:
    out = world.folder / f"{engine}-from.parquet"
    world.score(world.folder / "leads.parquet", out, *ENGINES[engine])
    one = world.folder / "one-from.parquet"
    if not one.exists():
        world.score(world.folder / "leads.parquet", one)
    pd.testing.assert_frame_equal(rows_of(out), rows_of(one), check_exact=False, rtol=1e-9, atol=0)


@ALL
def test_killed_workers_lose_nothing(world: World, engine: str) -> None:
    out = world.folder / f"{engine}-workers.parquet"
    process = world.start(world.leads, out, *ENGINES[engine])
    killed = 0
    while killed < KILLS and process.poll() is None:
        wait_for(process, out, results(out) + BETWEEN_KILLS)
        running = workers(process.pid)
        if running:
            os.kill(running[killed % len(running)], signal.SIGKILL)
            killed += 1
    finished(process)
    assert killed == KILLS
    world.require_equal(out)


@ALL
def test_a_killed_command_goes_on(world: World, engine: str) -> None:
    out, kills = world.folder / f"{engine}-driver.parquet", COMMAND_KILLS[engine]
    for _ in range(kills):
        process = world.start(world.leads, out, *ENGINES[engine])
        wait_for(process, out, results(out) + 1)
        assert process.poll() is None, "the run ended before it was killed: it needs more parts"
        process.kill()
        process.communicate()
    before = results(out)
    assert before >= kills
    assert f"{before} parts are scored" in world.score(world.leads, out, *ENGINES[engine])
    world.require_equal(out)
