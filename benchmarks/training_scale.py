"""Time and memory of `leadworth train` with many leads, and what its samples change.

    python -m benchmarks.training_scale [--leads 100000 400000 1000000] [--samples]

Each size is a simulated CRM, trained by the command in a process of its own. CPU seconds hold on a machine that does
other work, too. `--samples` trains 100,000 leads twice: fitted to all of them, and fitted to a sample that is as small
a part of them as 300,000 of 1,000,000 leads. Both are evaluated on the same leads: which leads a check draws changes
its figures, but not the model.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from leadworth.console import console
from leadworth.errors import LeadworthError
from leadworth.settings import load_settings
from models.model_registry import ModelRegistry

RESULTS = Path(__file__).parent / "results" / "training_scale.json"
SIZES = (100_000, 400_000)
COMPARED = 100_000
NO_LIMIT = 100_000_000
LIMITS = {
    "all leads": {"fit_leads": NO_LIMIT, "check_leads": NO_LIMIT},
    "samples": {"fit_leads": 30_000, "check_leads": NO_LIMIT},
}
METRICS = ("auc", "log_loss", "wins_ratio", "money_ratio", "backtest_wins_ratio", "backtest_money_ratio")
_STEP = re.compile(r"^ *[0-9.]+ s  (.+)$")
_MIB = 1024


class _Watch:
    """CPU seconds and peak memory of a process, read while it runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.cpu_seconds, self.peak_mib = 0.0, 0
        self._process = process
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    def look(self) -> float:
        """Read the figures now and return the CPU seconds; where the process has ended, those of the last look."""
        root = Path("/proc") / str(self._process.pid)
        try:
            fields = (root / "stat").read_text().rpartition(")")[2].split()
            peak = re.search(r"VmHWM:\s+(\d+)", (root / "status").read_text())
        except OSError:
            return self.cpu_seconds
        if peak is not None:
            self.cpu_seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            self.peak_mib = int(peak[1]) // _MIB
        return self.cpu_seconds

    def _poll(self) -> None:
        while self._process.poll() is None:
            self.look()
            time.sleep(0.5)


def simulated(folder: Path, leads: int) -> Path:
    """Write a simulated CRM and return its settings file."""
    _run("simulate", str(folder), "--leads", str(leads))
    return folder / "leadworth.toml"


def with_limits(settings: Path, limits: Mapping[str, int]) -> None:
    """Write the settings of [training] that limit the samples into a settings file of the simulator."""
    lines = "".join(f"{name} = {value}\n" for name, value in limits.items())
    settings.write_text(settings.read_text("utf-8").replace("[training]\n", f"[training]\n{lines}"), encoding="utf-8")


def trained(settings: Path) -> dict[str, Any]:
    """Train by the command and return its figures.

    Returns
    -------
    dict
        `seconds`, `cpu_seconds`, `peak_mib`, `load_average`, `steps` (name, CPU seconds and peak MiB at its begin), and
        the metrics of the registered version.

    Raises
    ------
    LeadworthError
        Where the command fails; with the end of its output.
    """
    command = [sys.executable, "-m", "leadworth", "train", "-c", str(settings)]
    variables = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    began, steps, errors = time.perf_counter(), [], []
    with (
        tempfile.TemporaryFile("w+") as printed,
        subprocess.Popen(command, stdout=printed, stderr=subprocess.PIPE, text=True, env=variables) as process,
    ):
        watch = _Watch(process)
        for line in process.stderr or ():
            errors.append(line)
            step = _STEP.match(line)
            if step:
                steps.append({"step": step[1].strip(), "cpu_seconds": watch.look(), "peak_mib": watch.peak_mib})
    if process.returncode:
        raise LeadworthError(f"leadworth train: {''.join(errors)[-1_000:]}", do="see above")
    version = ModelRegistry.of(load_settings(settings)).versions(1)[0]
    return {
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": watch.cpu_seconds,
        "peak_mib": watch.peak_mib,
        "load_average": round(os.getloadavg()[1], 1),
        "steps": steps,
        **{name: version.metrics[name] for name in METRICS if name in version.metrics},
    }


def compared() -> dict[str, Any]:
    """Train the same leads with and without samples; return the figures of both."""
    runs = {}
    for name, limits in LIMITS.items():
        with tempfile.TemporaryDirectory() as scratch:
            settings = simulated(Path(scratch) / "crm", COMPARED)
            with_limits(settings, limits)
            runs[name] = trained(settings)
    return runs


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "leadworth", *arguments], check=True, capture_output=True)


def main(sizes: Sequence[int] = SIZES, *, samples: bool = True) -> None:
    """Measure, print and store the figures; those of other sizes stay as they are stored."""
    result = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else {"cores": os.cpu_count(), "leads": {}}
    for leads in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            one = trained(simulated(Path(scratch) / "crm", leads))
        result["leads"][str(leads)] = one
        _store(result)
        console.print(
            f"{leads:,} leads: {one['seconds']:,.0f} s, {one['cpu_seconds']:,.0f} s CPU, {one['peak_mib']:,} MiB"
        )
    if samples:
        result["samples"] = compared()
        _store(result)
        for name in METRICS:
            values = [run.get(name, float("nan")) for run in result["samples"].values()]
            console.print(f"{name}: all leads {values[0]:.4f}, samples {values[1]:.4f}")


def _store(result: Mapping[str, Any]) -> None:
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leads", type=int, nargs="*", default=SIZES)
    parser.add_argument("--samples", action="store_true")
    arguments = parser.parse_args()
    main(arguments.leads, samples=arguments.samples)
