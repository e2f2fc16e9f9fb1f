"""Engine on a Spark cluster (extra `spark`, and Java 17)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from crm.lead_partitions import LeadPartition
from leadworth.errors import ConfigurationError, LeadworthError
from serving.batch.engines.partition_engine import ATTEMPTS, ENVIRONMENT, EngineError, PartitionEngine, cores

if TYPE_CHECKING:
    from pyspark import SparkContext

Result = TypeVar("Result")

_WAVE = 4
"""Tasks of a Spark job for each core: fewer show more progress, more leave fewer cores idle at its end."""


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
        wave = max(self._context.defaultParallelism, 1) * _WAVE
        for start in range(0, len(partitions), wave):
            part = list(partitions[start : start + wave])
            try:
                outcomes = self._context.parallelize(part, len(part)).map(partial(_outcome, function)).collect()
            except Exception as error:
                raise EngineError(
                    f"a task of {self.name} failed: {_reason(error)}",
                    do="see the log of the executors: leadworth must be installed there in the same version, and they "
                    "must reach the folder of --output; then run the same command again: it goes on",
                ) from error
            for result, refused in outcomes:
                if refused is not None:
                    raise refused
                yield cast(Result, result)


def _outcome(
    function: Callable[[LeadPartition], Result], partition: LeadPartition
) -> tuple[Result | None, LeadworthError | None]:
    """Return the result of a task, or the error that Spark would repeat and turn into text."""
    try:
        return function(partition), None
    except LeadworthError as error:
        return None, error


def _reason(error: Exception) -> str:
    r"""Return the line of a Spark error that says why the last attempt of a task failed.

    Examples
    --------
    >>> _reason(RuntimeError("Job aborted: Traceback:\n  File x\nValueError: no\n\n\tat org.apache.spark.Job"))
    'ValueError: no'
    """
    lines = [line.strip() for line in str(error).partition("\n\tat ")[0].splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


@contextmanager
def open_spark(master: str | None, workers: int | None) -> Iterator[PartitionEngine]:
    """Yield the engine of a Spark master, and stop the application afterwards.

    Parameters
    ----------
    master
        Address, such as spark://master:7077 or yarn; None runs on this machine, where a task is tried again too.
    workers
        Tasks at a time on this machine; None: one for each core.

    Raises
    ------
    ConfigurationError
        If pyspark is not installed, or Spark does not start.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ConfigurationError(
            "--engine spark needs pyspark, which is not installed",
            do="pip install 'leadworth[spark]', and install Java 17",
        ) from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = (
        SparkSession.builder.master(master or f"local[{workers or cores()},{ATTEMPTS}]")
        .appName("leadworth score")
        .config("spark.ui.enabled", "false")
        .config("spark.task.maxFailures", str(ATTEMPTS))
    )
    for name, value in ENVIRONMENT.items():
        builder = builder.config(f"spark.executorEnv.{name}", value)
    if master is None:
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    try:
        session = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise ConfigurationError(
            f"Spark does not start at {master or 'this machine'}: {str(error).splitlines()[0]}",
            do="install Java 17, set JAVA_HOME, and correct --master",
        ) from error
    try:
        yield SparkCluster(session.sparkContext)
    finally:
        session.stop()
