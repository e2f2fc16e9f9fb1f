"""Seconds, CPU and memory of a command with all its processes, sampled from /proc."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_TICK = os.sysconf("SC_CLK_TCK")
_SECONDS = 0.25


def run(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a command in a session of its own; return its seconds, the CPU seconds and peaks of its processes.

    Parameters
    ----------
    command
        Command; what it prints is dropped.
    environment
        Of the command; None: that of this process.

    Returns
    -------
    ``seconds``, ``cpu_seconds`` (user and system, of all processes), ``java_cpu_seconds``, ``peak_mib`` of each process
    that used more than a second of CPU, the largest first, and the ``load`` average before and after.

    Raises
    ------
    RuntimeError
        Where the command fails.
    """
    load, start = os.getloadavg()[0], time.perf_counter()
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, env=environment)
    seen: dict[int, dict[str, Any]] = {}
    while process.poll() is None:
        seen |= sampled(process.pid)
        time.sleep(_SECONDS)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {process.returncode}")
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(sum(row["cpu"] for row in seen.values()), 2),
        "java_cpu_seconds": round(sum(row["cpu"] for row in seen.values() if row["name"] == "java"), 1),
        "peak_mib": sorted((round(row["peak_mib"]) for row in seen.values() if row["cpu"] > 1), reverse=True),
        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
    }


def sampled(session: int) -> dict[int, dict[str, Any]]:
    """Return name, CPU seconds and peak of the resident set of each process of a session."""
    processes = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(") ")
            fields = rest.split()
            if int(fields[3]) != session:
                continue
            status = (folder / "status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        peak = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
        ticks = int(fields[11]) + int(fields[12])
        if peak:
            processes[int(folder.name)] = {"name": name, "cpu": ticks / _TICK, "peak_mib": peak / 1024}
    return processes
