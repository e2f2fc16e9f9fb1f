from __future__ import annotations

import pytest

from simulation import Simulation, simulate


@pytest.fixture(scope="session")
def base() -> Simulation:
    return simulate(leads=40_000, months=24, seed=11)
