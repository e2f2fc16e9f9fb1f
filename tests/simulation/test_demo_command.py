"""The demo, as a newcomer runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from leadworth.errors import InputError, LeadworthError
from simulation import demo_command


def test_a_folder_that_is_not_a_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        demo_command.demo(folder=tmp_path, leads=500, keep=False)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_failed_step_shows_its_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(LeadworthError, match="step 'Training' failed"):
        demo_command._step(tmp_path, "Training", "train", "--config", str(tmp_path / "absent.toml"))
    assert "absent.toml" in capsys.readouterr().out


@pytest.mark.slow
def test_the_whole_way(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "leadworth", "demo", "--dir", str(tmp_path / "demo"), "--leads", "4000"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for title, _ in demo_command.LEADS:
        assert title in done.stdout
    assert "Where to look next" in done.stdout
