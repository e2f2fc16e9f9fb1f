"""Contract of the engines that run a function on many partitions: here, in worker processes or on a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from crm.lead_partitions import LeadPartition
from leadworth.errors import LeadworthError

Result = TypeVar("Result")

ATTEMPTS = 4
"""How often a partition is tried whose worker dies."""
ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""Environment of a worker: one thread, as there is one worker for each core, and Arrow's buffers from the system's
allocator, because Arrow's own returns the memory of each batch, and getting it again took a tenth of the time."""


class EngineError(LeadworthError):
    """Workers died too often, or a cluster failed; what is complete stays for the next run."""


class PartitionEngine(Protocol):
    """Engine that runs a function on partitions.

    Attributes
    ----------
    name
        Name of the engine for messages.
    """

    name: str

    def map(self, function: Callable[[LeadPartition], Result], partitions: Sequence[LeadPartition]) -> Iterator[Result]:
        """Yield the result for each partition once, in the order in which they are complete.

        A partition whose worker dies is run again, `ATTEMPTS` times in all, so the function may run twice; errors
        that the function raises end the run.

        Parameters
        ----------
        function
            Picklable; defined in a module that the workers can import.
        partitions
            Each is one task.

        Raises
        ------
        LeadworthError
            That the function raised.
        EngineError
            If workers died too often, or a cluster failed.
        """
        ...


OpenEngine = Callable[[], AbstractContextManager[PartitionEngine]]


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0))
