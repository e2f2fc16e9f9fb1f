"""No bytes end `leadworth init` in a traceback."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.crm.inference.init_fuzz import EXPORTS, SEEDS, check_init
from tests.fuzz_minutes import FUZZ_MINUTES

_EXAMPLES = 200


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_kept_seed(path: Path, tmp_path: Path) -> None:
    check_init(tmp_path, [path.read_bytes()])
    check_init(tmp_path, [path.read_bytes(), SEEDS[0].read_bytes()])


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(contents=EXPORTS)
def test_damaged_and_generated_exports(tmp_path: Path, contents: list[bytes]) -> None:
    check_init(tmp_path, contents)


@pytest.mark.slow
def test_damaged_and_generated_exports_for_an_hour(tmp_path: Path) -> None:
    phases = (Phase.generate, Phase.shrink)
    options = settings(max_examples=_EXAMPLES, deadline=None, phases=phases, suppress_health_check=list(HealthCheck))
    end = time.monotonic() + 60 * FUZZ_MINUTES
    number = 0
    while time.monotonic() < end:
        number += 1

        @seed(number)
        @options
        @given(contents=EXPORTS)
        def run(contents: list[bytes]) -> None:
            check_init(tmp_path, contents)

        run()
