"""Engines run each partition, also when workers die; errors of the function reach the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from crm.lead_partitions import LeadPartition
from leadworth.errors import InputError
from serving.batch.engines.dask_cluster import open_dask
from serving.batch.engines.partition_engine import EngineError, PartitionEngine
from serving.batch.engines.spark_cluster import open_spark
from serving.batch.engines.worker_processes import open_processes
from tests.serving.batch.engines import worker_tasks

Open = Callable[[], AbstractContextManager[PartitionEngine]]
PARTS = [LeadPartition(number, Path("leads.parquet"), (0,), 1, 10 * number, "leads") for number in range(8)]
ROWS = [part.rows for part in PARTS]
ENGINES = {
    "here": partial(open_processes, 1),
    "processes": partial(open_processes, 2),
    "dask": partial(open_dask, None, 2),
    "spark": partial(open_spark, None, 2),
}


def _named(*names: str, slow: tuple[str, ...] = ("spark",)) -> list[object]:
    return [pytest.param(name, marks=[pytest.mark.slow] if name in slow else []) for name in names]


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[PartitionEngine]:
    if request.param in {"dask", "spark"}:
        pytest.importorskip(
            {"dask": "distributed", "spark": "pyspark"}[request.param],
            reason=f"pip install leadworth[{request.param}]; Spark needs Java 17",
        )
    with ENGINES[request.param]() as opened:
        yield opened


ALL = pytest.mark.parametrize("engine", _named(*ENGINES), indirect=True)
OTHERS = pytest.mark.parametrize("engine", _named("processes", "dask", "spark", slow=("dask", "spark")), indirect=True)


@ALL
def test_every_partition_runs_once(engine: PartitionEngine) -> None:
    assert sorted(engine.map(worker_tasks.rows, PARTS)) == ROWS
    assert list(engine.map(worker_tasks.rows, [])) == []


@ALL
def test_errors_of_the_function_reach_the_caller(engine: PartitionEngine) -> None:
    with pytest.raises(InputError) as caught:
        list(engine.map(worker_tasks.refuse, PARTS))
    assert (caught.value.given, caught.value.do) == ("part 3 is damaged", "export it again")
    assert sorted(engine.map(worker_tasks.rows, PARTS)) == ROWS


@ALL
def test_defects_reach_the_caller_too(engine: PartitionEngine) -> None:
    with pytest.raises((ZeroDivisionError, EngineError), match=r"part \d"):
        list(engine.map(worker_tasks.fail, PARTS[:1]))


@OTHERS
def test_a_worker_that_dies_loses_nothing(engine: PartitionEngine, tmp_path: Path) -> None:
    assert sorted(engine.map(partial(worker_tasks.die_once, tmp_path), PARTS)) == ROWS
    assert len(list(tmp_path.iterdir())) == 2


@OTHERS
def test_workers_that_always_die_end_the_run(engine: PartitionEngine) -> None:
    with pytest.raises(EngineError, match=r"die|Lost task"):
        list(engine.map(worker_tasks.die, PARTS[:1]))
    assert sorted(engine.map(worker_tasks.rows, PARTS)) == ROWS
