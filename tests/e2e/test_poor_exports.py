"""Exports from which no honest model can be learned, from `leadworth init` to `leadworth train`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT.parent / "shared" / "cases" / "make_crm_files.py"
CHAMPION = "is champion now"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not GENERATOR.is_file(), reason=f"the generator of the exports is not there: {GENERATOR}"),
]


def _trained(case: str, folder: Path) -> tuple[int, str]:
    """Write the exports of a case, and return exit code and output of the training."""
    subprocess.run([sys.executable, str(GENERATOR), str(folder), case], check=True, capture_output=True)
    home = folder / case
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive", "COLUMNS": "200"}
    command = [sys.executable, "-m", "leadworth"]
    files = sorted(file.name for file in home.glob("*.csv"))
    subprocess.run([*command, "init", *files], cwd=home, env=environment, check=False, capture_output=True)
    done = subprocess.run([*command, "train"], cwd=home, env=environment, check=False, capture_output=True, text=True)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("n01-no-outcome", "none of 1500 leads is won"),
        ("n02-only-losses", "none of 1500 leads is won"),
    ],
)
def test_an_export_without_wins_stops(case: str, sentence: str, tmp_path: Path) -> None:
    code, output = _trained(case, tmp_path)
    assert code != 0
    assert sentence in output.replace(",", "")


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("n07-no-signal", "FAIL"),
        ("n13-twelve-wins", "the rules and the junk model need none"),
        ("n14-column-of-closed-deals", "FAIL"),
    ],
)
def test_no_champion_comes_of_it_and_the_reason_is_said(case: str, sentence: str, tmp_path: Path) -> None:
    code, output = _trained(case, tmp_path)
    assert code == 0
    assert CHAMPION not in output
    assert sentence in output
    assert "models promote 1 --force --reason" in output


def test_undated_outcomes_are_evaluated_as_they_stand(tmp_path: Path) -> None:
    _, output = _trained("n10-undated-outcomes", tmp_path)
    assert "evaluated with the outcomes as they stand" in output


def test_two_whales_are_named(tmp_path: Path) -> None:
    _, output = _trained("n11-two-whales", tmp_path)
    assert "2 of 351 wins bring" in output
