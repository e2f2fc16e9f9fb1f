"""Watch a service from outside until standard input ends: `python -m benchmarks.service_watch PORT PROCESS`.

Prints the largest resident memory and the slowest `/livez` as JSON. A process of its own: the load generator does
not delay it.
"""

from __future__ import annotations

import json
import select
import sys
import time
import urllib.request
from pathlib import Path

SECONDS_BETWEEN = 0.2
TIMEOUT_SECONDS = 10.0


def main(port: int, process: int) -> None:
    """Measure and print."""
    peak = slowest = 0.0
    probes = failed = 0
    ended = False
    while not ended:
        ended = bool(select.select([sys.stdin], [], [], SECONDS_BETWEEN)[0])
        peak = max(peak, memory_mb(process))
        start = time.perf_counter()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=TIMEOUT_SECONDS) as answer:
                answer.read()
        except OSError:
            failed += 1
        slowest = max(slowest, time.perf_counter() - start)
        probes += 1
    result = {"peak_mb": peak, "livez_slowest_s": slowest, "livez_probes": probes, "livez_failed": failed}
    sys.stdout.write(json.dumps(result))


def memory_mb(process: int) -> float:
    """Return the resident memory of a process in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1e3


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
