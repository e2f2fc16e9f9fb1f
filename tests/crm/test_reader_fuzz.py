"""Any bytes are read or refused with a sentence: a short run here, an hour in `make check-slow`."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.crm.reader_fuzz import check
from tests.fuzz_minutes import FUZZ_MINUTES

FAILED_BEFORE = (5, 48, 68, 117, 50_013, 50_872, 652_716_301)
"""Seeds that found faults."""


@pytest.mark.parametrize("seed", [*FAILED_BEFORE, *range(10_000, 10_010)])
def test_a_random_file_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    check(seed, tmp_path / "leads.csv")


@pytest.mark.slow
def test_an_hour_of_random_files(tmp_path: Path) -> None:
    end = time.monotonic() + 60 * FUZZ_MINUTES
    seed = time.time_ns() % 10**9
    while time.monotonic() < end:
        try:
            check(seed, tmp_path / "leads.csv")
        except Exception as error:
            raise AssertionError(f"seed {seed}: add it to FAILED_BEFORE") from error
        seed += 1
