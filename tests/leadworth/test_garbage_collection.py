from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from leadworth.garbage_collection import collect_rarely


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
