"""Engine on a Dask cluster (extra `dask`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

from crm.lead_partitions import LeadPartition
from leadworth.errors import ConfigurationError, LeadworthError
from serving.batch.engines.partition_engine import ATTEMPTS, ENVIRONMENT, EngineError, PartitionEngine, cores

if TYPE_CHECKING:
    from dask.distributed import Client

Result = TypeVar("Result")

_ANSWER_SECONDS = 10.0


class DaskCluster:
    """Engine of the workers of a Dask scheduler.

    Parameters
    ----------
    client
        Connected client.
    address
        Of the scheduler.
    """

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self.name = f"Dask, {address}"

    def map(self, function: Callable[[LeadPartition], Result], partitions: Sequence[LeadPartition]) -> Iterator[Result]:
        """Yield the results as they are complete; see `PartitionEngine.map`."""
        from dask.distributed import KilledWorker, as_completed

        futures = self._client.map(function, partitions, pure=False)
        try:
            for future in as_completed(futures):  # type: ignore[no-untyped-call]
                yield future.result()
        except LeadworthError:
            raise
        except KilledWorker as error:
            raise EngineError(
                f"workers of {self.name} died: {error}",
                do="check the memory of the workers, and run the same command again: it goes on",
            ) from error
        except Exception as error:
            raise EngineError(
                f"a task of {self.name} failed: {type(error).__name__}: {error}",
                do="see the log of the workers: leadworth must be installed there in the same version, and they must "
                "reach the folder of --output; then run the same command again: it goes on",
            ) from error
        finally:
            self._client.cancel(futures)  # type: ignore[no-untyped-call]


@contextmanager
def open_dask(scheduler: str | None, workers: int | None) -> Iterator[PartitionEngine]:
    """Yield the engine of a scheduler, or of a cluster of this machine that ends with it.

    Parameters
    ----------
    scheduler
        Address, such as tcp://scheduler:8786; None starts a cluster on this machine.
    workers
        Workers of the cluster on this machine, one process with one thread each; None: one for each core.

    Raises
    ------
    ConfigurationError
        If Dask is not installed, or the scheduler does not answer.
    """
    try:
        import dask
        from dask.distributed import Client, LocalCluster
    except ImportError as error:
        raise ConfigurationError(
            "--engine dask needs Dask, which is not installed", do="pip install 'leadworth[dask]'"
        ) from error
    with ExitStack() as stack:
        address = scheduler
        if address is None:
            stack.enter_context(dask.config.set(_local_settings()))
            cluster = LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=workers or cores(), threads_per_worker=1, dashboard_address="127.0.0.1:0", processes=True
            )
            address = stack.enter_context(cluster).scheduler_address
        try:
            client = stack.enter_context(Client(address, timeout=_ANSWER_SECONDS))  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"the Dask scheduler {address} does not answer: {error}",
                allowed="an address such as tcp://scheduler:8786",
                do="correct --scheduler, or start it",
            ) from error
        yield DaskCluster(client, address)


def _local_settings() -> dict[str, object]:
    """Return the settings of a cluster of this machine."""
    return {
        "distributed.scheduler.allowed-failures": ATTEMPTS - 1,
        # After 15 s, its default, a cluster gives a worker up that a busy machine is still starting again.
        "distributed.deploy.lost-worker-timeout": "10 minutes",
        "distributed.nanny.pre-spawn-environ": ENVIRONMENT,
        "distributed.worker.multiprocessing-method": "spawn",
    }
