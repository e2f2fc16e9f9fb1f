"""Folder in which several workers of the service keep their metrics."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MULTIPROC = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable of prometheus_client: the folder, where there is more than one worker."""


@contextmanager
def metrics_folder(workers: int) -> Iterator[None]:
    """Make the folder of the metrics of several workers for the block.

    prometheus_client reads it from the environment only, when it is imported in each worker. A folder that the
    environment names already stays after the block.

    Examples
    --------
    >>> with metrics_folder(1):
    ...     print("one worker needs none")
    one worker needs none
    """
    if MULTIPROC in os.environ:
        Path(os.environ[MULTIPROC]).mkdir(parents=True, exist_ok=True)
        yield
    elif workers > 1:
        with tempfile.TemporaryDirectory(prefix="leadworth-metrics-", ignore_cleanup_errors=True) as folder:
            os.environ[MULTIPROC] = folder
            try:
                yield
            finally:
                del os.environ[MULTIPROC]
    else:
        yield
