"""Gradient boosting: bit-identical trees for any number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import numpy as np
from models.boosting import BoosterDataset, BoosterParams, boost
rng = np.random.default_rng(0)
matrix = rng.normal(size=(4_000, 8))
target = matrix[:, 0] + matrix[:, 1] * matrix[:, 2] + rng.normal(size=4_000)
squared = lambda margin, rows: (margin - target[rows], np.ones(len(rows)))
print(boost(BoosterDataset(matrix), np.arange(4_000), squared, BoosterParams(rounds=30), 5).to_text())
"""


def test_number_of_threads_does_not_change_the_text() -> None:
    """A bundle has the same bytes on any machine; OpenMP reads `OMP_NUM_THREADS` when it is loaded."""
    texts = []
    for threads in ("1", "3"):
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "OMP_WAIT_POLICY": "passive"}
        command = [sys.executable, "-c", CODE]
        root = Path(__file__).resolve().parents[2]
        run = subprocess.run(command, env=environment, cwd=root, check=True, capture_output=True, text=True)
        texts.append(run.stdout)
    assert "Tree=29" in texts[0]
    assert texts[0] == texts[1]
