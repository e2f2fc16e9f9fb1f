"""Engines run each partition, also when workers die; errors of the function reach the caller."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from crm.lead_partitions import LeadPartition
from leadworth.errors import ConfigurationError, InputError, LeadworthError
from serving.batch.engines.dask_cluster import open_dask
from serving.batch.engines.engine import PartitionEngine
from serving.batch.engines.spark_cluster import open_spark
from serving.batch.engines.worker_processes import open_processes

Open = Callable[[], AbstractContextManager[PartitionEngine]]
PARTS = [LeadPartition(number, Path("leads.parquet"), (0,), 1, 10 * number, "leads") for number in range(8)]
ENGINES = [
    pytest.param(partial(open_processes, 1), id="here"),
    pytest.param(partial(open_processes, 2), id="processes"),
    pytest.param(partial(open_dask, None, 2), id="dask"),
    pytest.param(partial(open_spark, None, 2), id="spark", marks=pytest.mark.slow),
]


@pytest.fixture(autouse=True)
def spark_installed(request: pytest.FixtureRequest) -> None:
    if "spark" in request.node.name:
        pytest.importorskip("pyspark", reason="pyspark is not installed (pip install pyspark; needs Java 17)")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[PartitionEngine]:
    with request.param() as opened:
        yield opened


def rows(partition: LeadPartition) -> int:
    return partition.rows


def refuse(partition: LeadPartition) -> int:
    if partition.number == 3:
        raise InputError("part 3 is damaged", do="export it again")
    return partition.rows


def die_once(folder: Path, partition: LeadPartition) -> int:
    """Kill the worker at the first try of two partitions."""
    mark = folder / f"{partition.number}.died"
    if partition.number in {2, 5} and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return partition.rows


def die(partition: LeadPartition) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def test_every_partition_runs_once(engine: PartitionEngine) -> None:
    assert sorted(engine.map(rows, PARTS)) == [part.rows for part in PARTS]
    assert list(engine.map(rows, [])) == []


def test_errors_of_the_function_reach_the_caller(engine: PartitionEngine) -> None:
    with pytest.raises(LeadworthError, match="part 3 is damaged"):
        list(engine.map(refuse, PARTS))


@pytest.mark.parametrize("opened", ENGINES[1:])
def test_a_worker_that_dies_loses_nothing(opened: Open, tmp_path: Path) -> None:
    with opened() as engine:
        assert sorted(engine.map(partial(die_once, tmp_path), PARTS)) == [part.rows for part in PARTS]
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("opened", ENGINES[1:3])
def test_workers_that_die_always_end_the_run(opened: Open) -> None:
    with opened() as engine, pytest.raises(LeadworthError, match="died"):
        list(engine.map(die, PARTS[:2]))


def test_a_scheduler_that_does_not_answer() -> None:
    with pytest.raises(ConfigurationError, match="does not answer"), open_dask("tcp://127.0.0.1:9", 1):
        pass
