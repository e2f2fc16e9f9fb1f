"""Run export workers in threads until stopped."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
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


def follow(
    workers: Sequence[ExportWorker],
    each_minute: Callable[[int], None],
    on_batch: Callable[[str, Counter[str]], None],
) -> None:
    """Run the workers until interrupted, and call a function once a minute.

    Parameters
    ----------
    workers
        One thread each.
    each_minute
        Called with the number of the minute, from 0; called with the same number again if the store did not answer.
    on_batch
        See `run`.
    """
    stopping = threading.Event()
    thread = threading.Thread(target=run, args=(workers, stopping, on_batch), name="export")
    thread.start()
    minute = 0
    try:
        with suppress(KeyboardInterrupt):
            while True:
                try:
                    with store_errors():
                        each_minute(minute)
                    minute += 1
                except StoreError as error:
                    log.warning("store did not answer", error=str(error.given))
                time.sleep(60.0)
    finally:  # the caller closes the platforms next: a worker that went on would lose their answers
        stopping.set()
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
