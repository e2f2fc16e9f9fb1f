"""Engines of one machine: this process, and worker processes of joblib's executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import contextmanager
from typing import TypeVar

from crm.lead_partitions import LeadPartition
from leadworth.errors import LeadworthError
from serving.batch.engines.engine import ATTEMPTS, PartitionEngine

Result = TypeVar("Result")

_ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class InProcess:
    """Engine that runs one partition after the other in this process."""

    name = "this process"

    def map(self, function: Callable[[LeadPartition], Result], partitions: Sequence[LeadPartition]) -> Iterator[Result]:
        """Yield the results in order; see `PartitionEngine.map`."""
        return map(function, partitions)


class WorkerProcesses:
    """Engine of worker processes, which are started again where one dies.

    Parameters
    ----------
    workers
        Number of processes.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self.name = f"{workers} processes"

    def map(self, function: Callable[[LeadPartition], Result], partitions: Sequence[LeadPartition]) -> Iterator[Result]:
        """Yield the results as they are complete; see `PartitionEngine.map`."""
        from joblib.externals.loky.process_executor import BrokenProcessPool

        waiting = {partition.number: partition for partition in partitions}
        for _ in range(ATTEMPTS):
            if not waiting:
                return
            executor = _executor(self._workers)
            futures = {executor.submit(function, partition): number for number, partition in waiting.items()}
            try:
                for future in as_completed(futures):
                    result = future.result()
                    del waiting[futures[future]]
                    yield result
            except BrokenProcessPool:
                continue
            finally:
                executor.shutdown(wait=True, kill_workers=bool(waiting))
        raise LeadworthError(
            f"worker processes died {ATTEMPTS} times; {len(waiting)} parts are left",
            do="check the memory of the machine, use fewer --workers, and run the same command again: it goes on",
        )


def _executor(workers: int):  # type: ignore[no-untyped-def]
    from joblib.externals.loky import get_reusable_executor

    return get_reusable_executor(max_workers=workers, timeout=60, env=_ENVIRONMENT, reuse=False)


@contextmanager
def open_processes(workers: int) -> Iterator[PartitionEngine]:
    """Yield the engine for a number of processes; 1 is this process."""
    yield InProcess() if workers == 1 else WorkerProcesses(workers)
