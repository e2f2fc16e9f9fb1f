from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadworth.garbage_collection import collect_rarely, release_memory


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_objects_that_exist_are_not_looked_at_again() -> None:
    frozen = gc.get_freeze_count()
    collect_rarely()
    assert gc.get_freeze_count() > frozen
    assert gc.get_threshold()[0] > 10_000


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_idle_memory_is_returned() -> None:
    """Freed blocks below one that stays are not returned by themselves."""
    before = _resident_bytes()
    blocks = [bytes(1_000) for _ in range(200_000)]
    stays = blocks[-1]
    del blocks
    release_memory()
    assert _resident_bytes() - before < 50_000_000
    assert len(stays) == 1_000


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
