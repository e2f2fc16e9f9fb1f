"""Engine on a Spark cluster (pyspark, which is installed apart, and Java 17)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from crm.lead_partitions import LeadPartition
from leadworth.errors import ConfigurationError, LeadworthError
from serving.batch.engines.engine import ATTEMPTS, PartitionEngine

if TYPE_CHECKING:
    from pyspark import SparkContext

Result = TypeVar("Result")


class SparkCluster:
    """Engine of the executors of a Spark application: each partition of leads is a task.

    Parameters
    ----------
    context
        Running Spark context.
    """

    def __init__(self, context: SparkContext) -> None:
        self._context = context
        self.name = f"Spark, {context.master}"

    def map(self, function: Callable[[LeadPartition], Result], partitions: Sequence[LeadPartition]) -> Iterator[Result]:
        """Yield the results in order, wave by wave of tasks; see `PartitionEngine.map`."""
        wave = max(self._context.defaultParallelism, 1) * 4
        for start in range(0, len(partitions), wave):
            part = list(partitions[start : start + wave])
            try:
                yield from self._context.parallelize(part, len(part)).map(function).collect()
            except Exception as error:
                raise LeadworthError(
                    f"a task of {self.name} failed: {str(error).splitlines()[0]}",
                    do="see the log of the executors, and run the same command again: it goes on",
                ) from error


@contextmanager
def open_spark(master: str | None, workers: int) -> Iterator[PartitionEngine]:
    """Yield the engine of a Spark master, and stop the application afterwards.

    Parameters
    ----------
    master
        Address, such as spark://master:7077 or yarn; None runs on this machine, where a task is tried again too.
    workers
        Tasks at a time on this machine.

    Raises
    ------
    ConfigurationError
        If pyspark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ConfigurationError("pyspark is not installed", do="pip install pyspark, and install Java 17") from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = (
        SparkSession.builder.master(master or f"local[{workers},{ATTEMPTS}]")
        .appName("leadworth score")
        .config("spark.ui.enabled", "false")
        .config("spark.task.maxFailures", str(ATTEMPTS))
        .config("spark.executorEnv.OMP_NUM_THREADS", "1")
        .getOrCreate()
    )
    try:
        yield SparkCluster(session.sparkContext)
    finally:
        session.stop()
