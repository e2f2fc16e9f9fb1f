"""Processes of the demo: output of failed steps, waiting for a server, stopping it."""

from __future__ import annotations

import inspect
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conversions import export_command
from crm import crm_command
from leadworth.errors import LeadworthError
from simulation import demo_processes


def test_a_failed_step_shows_its_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(LeadworthError, match="step 'Training' failed"):
        demo_processes.run_step(tmp_path, "Training", "train", "--config", str(tmp_path / "absent.toml"))
    assert "absent.toml" in capsys.readouterr().out


def test_a_step_returns_its_output_and_keeps_a_log(tmp_path: Path) -> None:
    output = demo_processes.run_step(tmp_path, "Simulating", "simulate", str(tmp_path / "crm"), "--leads", "20")
    assert "leads.csv 20 rows" in output.replace("\n", " ")
    assert output in (tmp_path / "simulate.log").read_text(encoding="utf-8")


def test_waiting_ends_where_the_process_ends() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    began = time.monotonic()
    assert not demo_processes._wait(process, lambda: False)
    assert time.monotonic() - began < 30
    assert process.wait() == 0


def test_waiting_ends_where_the_process_is_ready_and_it_is_stopped() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    assert demo_processes._wait(process, lambda: True)
    demo_processes._stop(process)
    assert process.poll() is not None


def test_the_sandboxes_print_the_text_that_is_waited_for() -> None:
    for module in (export_command, crm_command):
        assert demo_processes.SANDBOX_READY in inspect.getsource(module)


def test_the_sandbox_gives_the_variables_of_the_platforms(tmp_path: Path) -> None:
    with demo_processes.local_peers(tmp_path, "export") as variables:
        assert variables()
        assert all(name.startswith("LEADWORTH_EXPORT__") for name in variables())
