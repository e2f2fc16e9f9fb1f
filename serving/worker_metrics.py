"""Metrics of several workers: series that are removed, and workers that ended.

Workers write their metrics into files of one folder. `Gauge.clear` has no effect there: a series stays for as long as
its file, and the file of a worker that was killed stays until another process removes it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Gauge, Metric, multiprocess

from serving.metrics_folder import MULTIPROC

_REMOVED = -math.inf
"""Value of a removed series, the least one, so that the maximum of all workers is that of a series that is in use."""


def remove_series(gauge: Gauge) -> None:
    """Remove all series of a gauge; those that are set later are shown again.

    Examples
    --------
    >>> from prometheus_client import CollectorRegistry
    >>> gauge = Gauge("alarms", "Alarms", ["channel"], registry=CollectorRegistry())
    >>> gauge.labels("search").set(1)
    >>> remove_series(gauge)
    >>> [metric.samples for metric in gauge.collect()]
    [[]]
    """
    if MULTIPROC not in os.environ:
        gauge.clear()
        return
    for metric in gauge.collect():
        for sample in metric.samples:
            gauge.labels(**sample.labels).set(_REMOVED)


class LiveWorkersCollector(multiprocess.MultiProcessCollector):
    """Collector of the metrics of all workers: counters of all, gauges of those that run."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[no-untyped-call]

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics, without removed series."""
        for file in Path(os.environ[MULTIPROC]).glob("gauge_live*_*.db"):
            pid = file.stem.rpartition("_")[2]
            if pid.isdigit() and not _runs(int(pid)):
                multiprocess.mark_process_dead(int(pid))  # type: ignore[no-untyped-call]
        for metric in super().collect():  # type: ignore[no-untyped-call]
            metric.samples = [sample for sample in metric.samples if sample.value != _REMOVED]
            yield metric


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
