"""Engine on a Dask cluster (extra `dask`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

from crm.lead_partitions import LeadPartition
from leadworth.errors import ConfigurationError, LeadworthError
from serving.batch.engines.engine import ATTEMPTS, PartitionEngine

if TYPE_CHECKING:
    from distributed import Client

Result = TypeVar("Result")


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
        from distributed import KilledWorker, as_completed

        futures = self._client.map(function, partitions, pure=False, retries=ATTEMPTS - 1)
        try:
            for future in as_completed(futures):  # type: ignore[no-untyped-call]
                yield future.result()
        except KilledWorker as error:
            raise LeadworthError(
                f"workers of {self.name} died: {error}",
                do="check the memory of the workers, and run the same command again: it goes on",
            ) from error
        finally:
            self._client.cancel(futures)  # type: ignore[no-untyped-call]


@contextmanager
def open_dask(scheduler: str | None, workers: int) -> Iterator[PartitionEngine]:
    """Yield the engine of a scheduler, or of a cluster of this machine that ends with it.

    Parameters
    ----------
    scheduler
        Address, such as tcp://scheduler:8786; None starts a cluster on this machine.
    workers
        Workers of the cluster on this machine, one process with one thread each.

    Raises
    ------
    ConfigurationError
        If Dask is not installed, or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise ConfigurationError("Dask is not installed", do="pip install leadworth[dask]") from error
    with ExitStack() as stack:
        address = scheduler
        if address is None:
            cluster = LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=workers, threads_per_worker=1, dashboard_address=None, processes=True
            )
            address = stack.enter_context(cluster).scheduler_address
        try:
            client = stack.enter_context(Client(address, timeout="10s"))  # type: ignore[no-untyped-call]
        except OSError as error:
            raise ConfigurationError(
                f"the Dask scheduler {address} does not answer: {error}", do="correct --scheduler, or start it"
            ) from error
        yield DaskCluster(client, address)
