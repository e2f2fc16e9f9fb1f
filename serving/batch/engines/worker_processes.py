"""Engines of one machine: this process, and worker processes."""

from __future__ import annotations

import gc
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar, cast

from crm.lead_partitions import LeadPartition
from leadworth.garbage_collection import collect_rarely
from serving.batch.engines.partition_engine import ATTEMPTS, ENVIRONMENT, EngineError, PartitionEngine

Result = TypeVar("Result")
Function = Callable[[LeadPartition], Any]

_STOP_SECONDS = 5.0


class InProcess:
    """Engine that runs one partition after the other in this process."""

    name = "this process"

    def map(self, function: Callable[[LeadPartition], Result], partitions: Sequence[LeadPartition]) -> Iterator[Result]:
        """Yield the results in order; see `PartitionEngine.map`."""
        for partition in partitions:
            yield function(partition)
            gc.collect()  # tables that a few cycles keep: 100 MB


class WorkerProcesses:
    """Engine of worker processes, each of which is replaced when it dies.

    A worker has a pipe of its own and shares no lock or queue with others, so that nobody waits for one that was
    killed. Pools that share queues (joblib's, which hung in tests; `multiprocessing.Pool`) do not give this. A worker
    whose parent was killed ends after its partition.

    Parameters
    ----------
    workers
        Number of processes.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._idle: list[_Worker] = []
        self.name = f"{workers} processes"

    def map(self, function: Callable[[LeadPartition], Result], partitions: Sequence[LeadPartition]) -> Iterator[Result]:
        """Yield the results as they are complete; see `PartitionEngine.map`."""
        waiting = deque(partitions)
        deaths: Counter[int] = Counter()
        busy: dict[Connection, tuple[_Worker, LeadPartition]] = {}
        try:
            while waiting or busy:
                while waiting and len(busy) < self._workers:
                    worker = self._idle.pop() if self._idle else _Worker()
                    partition = waiting.popleft()
                    busy[worker.connection] = (worker, partition)
                    worker.send(function, partition)
                for connection in cast(list[Connection], wait(list(busy))):
                    worker, partition = busy.pop(connection)
                    outcome = worker.receive()
                    if outcome is None:
                        deaths[partition.number] += 1
                        self._require(deaths[partition.number], partition, worker.exit_code())
                        waiting.appendleft(partition)
                        continue
                    self._idle.append(worker)
                    result, error = outcome
                    if error is not None:
                        raise error
                    yield result
        finally:
            for worker, _ in busy.values():
                worker.stop()

    def close(self) -> None:
        """End the workers."""
        while self._idle:
            self._idle.pop().stop()

    @staticmethod
    def _require(deaths: int, partition: LeadPartition, code: int | None) -> None:
        if deaths == ATTEMPTS:
            raise EngineError(
                f"worker processes died {deaths} times at part {partition.number} ({partition.rows:,} rows of "
                f"{partition.source}), the last with exit code {code}",
                do="check the memory of the machine, use fewer --workers, and run the same command again: it goes on",
            )


class _Worker:
    """Process that runs a function on partitions, one at a time."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self.connection, end = context.Pipe()
        self._process = context.Process(target=_serve, args=(end,), daemon=True)
        with _environment():
            self._process.start()
        end.close()

    def send(self, function: Function, partition: LeadPartition) -> None:
        """Send a task; a worker that is dead shows it in `receive`."""
        try:
            self.connection.send((function, partition))
        except (BrokenPipeError, ConnectionResetError):
            return

    def receive(self) -> tuple[Any, Exception | None] | None:
        """Return the result and the error of the task; None if the process died."""
        try:
            return cast(tuple[Any, Exception | None], self.connection.recv())
        except (EOFError, ConnectionResetError):
            self.stop()
            return None

    def exit_code(self) -> int | None:
        """Return the exit code of a process that ended; minus the signal that killed it."""
        return self._process.exitcode

    def stop(self) -> None:
        """End the process: it ends by itself where its pipe is closed, and is killed where it is busy."""
        self.connection.close()
        self._process.join(0.1)
        if self._process.is_alive():
            self._process.kill()
        self._process.join(_STOP_SECONDS)


def _serve(connection: Connection) -> None:
    """Run tasks until the pipe is closed, by the parent or by its death."""
    is_first = True
    while True:
        try:
            function, partition = connection.recv()
        except (EOFError, ConnectionResetError):
            return
        if is_first:  # the libraries are imported now
            collect_rarely()
            is_first = False
        outcome: tuple[Any, Exception | None]
        try:
            outcome = function(partition), None
        except Exception as error:
            outcome = None, error
        gc.collect()  # tables that a few cycles keep: 100 MB
        try:
            connection.send(outcome)
        except (BrokenPipeError, ConnectionResetError):
            return


@contextmanager
def _environment() -> Iterator[None]:
    """Set the environment of workers for the processes that start in the block."""
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def open_processes(workers: int) -> Iterator[PartitionEngine]:
    """Yield the engine for a number of processes; 1 is this process."""
    if workers == 1:
        yield InProcess()
        return
    with ExitStack() as stack:
        engine = WorkerProcesses(workers)
        stack.callback(engine.close)
        yield engine
