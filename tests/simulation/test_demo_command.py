"""The demo, as a newcomer runs it."""

from __future__ import annotations

import inspect
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from leadworth.errors import InputError, LeadworthError
from leadworth.records import Lead
from simulation import demo_command
from simulation.demo_folder import MARK, prepare_folder
from simulation.parameters import data
from simulation.truth_command import KNOWN
from training import train_command

SCORE: dict[str, Any] = {
    "predicted_value": 1_250.5,
    "currency": "EUR",
    "win_probability": 0.05,
    "expected_revenue": 25_010.0,
    "verdict": "accept",
    "mql": True,
    "mql_reason": "Passed rule mql",
    "junk_probability": 0.01,
    "automation_probability": 0.02,
    "reasons": [
        {"kind": "rule", "text": "A rule", "contribution": None},
        {"kind": "junk", "text": "Not shown", "contribution": 9.0},
        *({"kind": "model", "text": f"Reason {n}", "contribution": 0.1 * n} for n in range(10)),
    ],
}


def rendered(renderable: object) -> str:
    console = Console(width=200, file=io.StringIO())
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        demo_command.demo(folder=tmp_path, leads=500, seed=7, keep=False)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_the_folder_of_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    prepare_folder(tmp_path / "demo")
    (tmp_path / "demo" / "old.csv").write_text("old")
    prepare_folder(tmp_path / "demo")
    assert [path.name for path in (tmp_path / "demo").iterdir()] == [MARK]


def test_a_model_that_the_gate_stops_ends_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[tuple[str, ...]] = []

    def run_step(folder: Path, title: str, *arguments: str, variables: object = None) -> str:
        steps.append(arguments)
        return "refused"

    monkeypatch.setattr(demo_command, "run_step", run_step)
    with pytest.raises(LeadworthError, match=r"promotion gate stopped the model.*train\.log"):
        demo_command._train(tmp_path, 500, 3, [])
    assert [arguments[0] for arguments in steps] == ["simulate", "train"]
    assert steps[0][-4:] == ("--seed", "3", "--end", "2026-10-01")  # the same data on every day


def test_values_are_compared_with_the_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: list[tuple[str, ...]] = []

    def run_step(folder: Path, title: str, *arguments: str, variables: object = None) -> str:
        steps.append(arguments)
        return f"a table\n{KNOWN}: ratio 0.97"

    monkeypatch.setattr(demo_command, "run_step", run_step)
    demo_command._compare(tmp_path, [])
    said = capsys.readouterr().out
    assert said.count(f"{KNOWN}: ratio 0.97") == 2
    assert "a table" not in said
    assert [arguments[0] for arguments in steps] == ["score", "truth"] * 2
    assert steps[0][-1] == "--at-submit"
    assert steps[2][-2:] == ("--as-of", "2026-10-01")  # not the day of the demo


def test_the_sentence_of_a_promotion_is_that_of_training() -> None:
    assert demo_command.PROMOTED in inspect.getsource(train_command)


def test_a_score_is_shown_with_rules_and_the_strongest_reasons() -> None:
    text = rendered(demo_command.score_panel("A lead", {"email": "a@b.example", "company": "B"}, SCORE))
    assert "1,250.50 EUR = 5.00% x 25,010" in text
    assert text.index("A rule") < text.index("Reason 9") < text.index("Reason 4")
    assert "Reason 3" not in text
    assert "Not shown" not in text


def test_the_next_steps_name_the_running_service() -> None:
    stopped = rendered(demo_command.next_steps(Path("demo"), "http://127.0.0.1:1", None))
    running = rendered(demo_command.next_steps(Path("demo"), "http://127.0.0.1:1", 42))
    assert "leadworth serve --config demo/leadworth.toml" in stopped
    assert "kill 42" in running
    assert "kill" not in stopped


def test_leads_and_visitors_have_standard_fields() -> None:
    content = data("demo")
    for lead in content["leads"]:
        assert set(lead["fields"]) <= set(Lead.model_fields)
    assert [visitor["payload"]["v"] for visitor in content["visitors"]] == [1, 1]


@pytest.mark.slow
def test_the_whole_demo(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "leadworth", "demo", "--dir", str(tmp_path / "demo"), "--leads", "4000"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for lead in data("demo")["leads"]:
        assert lead["title"] in done.stdout
    assert "Where to look next" in done.stdout
    assert "lw_predicted_value" in done.stdout
    assert done.stdout.count("The simulator knows the true value") == 2
