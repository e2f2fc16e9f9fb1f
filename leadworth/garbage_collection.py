"""Memory of processes that compute on many rows: garbage is collected rarely, idle memory is released."""

from __future__ import annotations

import ctypes
import gc

_THRESHOLDS = (50_000, 10, 10)


def collect_rarely() -> None:
    """Collect garbage rarely, and never again look at the objects that exist now.

    Rows make many short-lived tuples and no cycles; with the thresholds of Python, looking at all objects of the
    imported libraries again and again took an eighth of the time of scoring a file.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


def release_memory() -> None:
    """Return memory that pyarrow and the C library hold but do not use to the operating system.

    After the tables of a million leads are read this is 1.3 GiB. C libraries other than glibc have no call for it.
    """
    import pyarrow as pa

    gc.collect()
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
