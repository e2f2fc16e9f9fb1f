"""Exports from which no honest model can be learned, from `leadworth init` to `leadworth train`."""

from __future__ import annotations

import os
import re
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


def _run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive", "COLUMNS": "200"}
    command = [sys.executable, "-m", "leadworth", *arguments]
    return subprocess.run(command, cwd=home, env=environment, check=False, capture_output=True, text=True)


def _trained(case: str, folder: Path) -> tuple[int, str]:
    """Write the exports of a case, and return exit code and output of the training."""
    subprocess.run([sys.executable, str(GENERATOR), str(folder), case], check=True, capture_output=True)
    home = folder / case
    files = sorted(file.name for file in home.glob("*.csv"))
    _run(home, "init", *files)  # its exit code is 1 where training cannot go on
    done = _run(home, "train")
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
        ("n07-no-signal", "the data do not tell won from lost"),
        ("n13-twelve-wins", "wins could as well have been"),
        ("n14-column-of-closed-deals", "the data do not tell won from lost"),
    ],
)
def test_no_champion_comes_of_it_and_the_reason_is_said(case: str, sentence: str, tmp_path: Path) -> None:
    code, output = _trained(case, tmp_path)
    assert code == 0
    assert CHAMPION not in output
    assert sentence in output
    assert "models promote 1 --force --reason" in output
    scored = _run(tmp_path / case, "score", "leads.csv", "-o", "scored.csv")
    assert scored.returncode == 6
    assert "no model is in use: version 1 of leadworth" in scored.stderr


def test_undated_outcomes_are_evaluated_as_they_stand(tmp_path: Path) -> None:
    _, output = _trained("n10-undated-outcomes", tmp_path)
    assert "evaluated with the outcomes as they stand" in output


def test_two_whales_are_named(tmp_path: Path) -> None:
    _, output = _trained("n11-two-whales", tmp_path)
    assert "2 of 351 wins bring" in output


def test_a_rule_that_anonymised_data_contradict_is_switched_off(tmp_path: Path) -> None:
    code, output = _trained("n12-anonymised", tmp_path)
    assert (code, CHAMPION in output) == (0, True)
    assert "rule test-address (The e-mail address is a test address) holds for" in output


def test_what_the_audit_advises_ends_the_stop(tmp_path: Path) -> None:
    code, output = _trained("n06-time-of-day-leak", tmp_path)
    assert code == 4
    assert 'add "Create Date" to [leads.features] ignore' in output
    home = tmp_path / "n06-time-of-day-leak"
    settings = (home / "leadworth.toml").read_text("utf-8")
    (home / "leadworth.toml").write_text(
        re.sub(r"(?m)^ignore = \[", 'ignore = ["Create Date"', settings, count=1), "utf-8"
    )
    assert _run(home, "train").returncode == 0


def test_last_year_is_scored_as_of_its_last_submit(tmp_path: Path) -> None:
    code, _ = _trained("n08-last-year", tmp_path)
    assert code == 0
    scored = _run(tmp_path / "n08-last-year", "score", "leads.csv", "-o", "scored.csv", "--sort", "value")
    assert "past the horizon of 365 days, so they are scored as of the last submit" in scored.stdout
    lines = (tmp_path / "n08-last-year" / "scored.csv").read_text("utf-8").splitlines()
    assert '"open"' in lines[1]
    assert "nan" not in scored.stdout
