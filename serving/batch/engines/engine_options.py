"""Engine of the options of `leadworth score`."""

from __future__ import annotations

from functools import partial

from leadworth.console import errors
from leadworth.errors import InputError
from serving.batch.engines.dask_cluster import open_dask
from serving.batch.engines.partition_engine import OpenEngine, cores
from serving.batch.engines.spark_cluster import open_spark
from serving.batch.engines.worker_processes import open_processes


def open_engine(engine: str, workers: int | None, scheduler: str | None, master: str | None) -> OpenEngine:
    """Return what opens an engine; more processes than cores are named on standard error.

    Parameters
    ----------
    engine
        local, dask or spark.
    workers
        Processes on this machine; None: 1, or one for each core in a cluster on this machine.
    scheduler, master
        Addresses of a Dask scheduler and a Spark master; None: a cluster on this machine.

    Raises
    ------
    InputError
        If an option does not belong to the engine.

    Examples
    --------
    >>> with open_engine("local", None, None, None)() as engine:
    ...     engine.name
    'this process'
    """
    for name, value, owner in (("--scheduler", scheduler, "dask"), ("--master", master, "spark")):
        if value is not None and engine != owner:
            raise InputError(f"{name} with --engine {engine}", allowed=f"{name} with --engine {owner}")
        if value is not None and workers is not None:
            raise InputError(
                f"--workers {workers} with {name} {value}",
                allowed="--workers for processes on this machine",
                do="leave --workers out: the cluster has its own",
            )
    if workers is not None and workers > cores():
        errors.print(
            f"Warning: --workers {workers} on a machine with {cores()} cores: more processes take more memory and "
            "score no faster",
            soft_wrap=True,
            highlight=False,
        )
    if engine == "dask":
        return partial(open_dask, scheduler, workers)
    return partial(open_spark, master, workers) if engine == "spark" else partial(open_processes, workers or 1)
