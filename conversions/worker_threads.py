"""Run export workers in threads until stopped."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import structlog

from leadworth.errors import StoreError
from store.store_errors import store_errors

if TYPE_CHECKING:
    from conversions.export_worker import ExportWorker

log = structlog.get_logger()

POLL_SECONDS = 5.0


def run(
    workers: Sequence[ExportWorker], stopping: threading.Event, on_batch: Callable[[str, Counter[str]], None]
) -> None:
    """Run each worker in a thread until `stopping` is set.

    Parameters
    ----------
    workers
        One thread each.
    stopping
        Set it to stop after the current batch.
    on_batch
        Called with the platform and the event counts by state after each batch.
    """
    threads = [
        threading.Thread(target=_loop, args=(worker, stopping, on_batch), name=worker.destination.name)
        for worker in workers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _loop(worker: ExportWorker, stopping: threading.Event, on_batch: Callable[[str, Counter[str]], None]) -> None:
    while not stopping.is_set():
        counts = Counter[str]()
        try:
            with store_errors():
                counts = worker.work()
        except StoreError as error:  # events that were sent are settled when their lease ends
            log.warning("store did not answer", destination=worker.destination.name, error=str(error.given))
        if counts:
            on_batch(worker.destination.name, counts)
        if not counts.total():
            stopping.wait(POLL_SECONDS * random.uniform(0.8, 1.0))
