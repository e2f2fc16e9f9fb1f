"""`leadworth report demo`: its panel, the browser, and its place in the table of commands."""

from __future__ import annotations

import io
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from simulation.report_demo import demo_report
from simulation.report_demo.replay_run import SeenPage
from simulation.report_demo.replays import replay_of
from simulation.report_demo.said_and_true import SaidAndTrue
from tests.simulation.report_demo.in_process import run_here

VIEW = replay_of("cheap-lead").views[0]


def seen_page(folder: Path) -> SeenPage:
    nothing: Any = None
    return SeenPage(VIEW, folder / VIEW.file, nothing, nothing, [SaidAndTrue("Return", "8.6", "10.5 in the end")])


def test_the_panel_has_what_to_look_at_and_the_table(tmp_path: Path) -> None:
    console = Console(width=160, file=io.StringIO())
    console.print(demo_report.comparison_panel(seen_page(tmp_path)))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert VIEW.look in text
    assert "what is true" in text
    assert "10.5 in the end" in text


def test_the_command_runs_a_replay_and_opens_no_browser_without_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replay(name: str, replay: object, folder: Path, seed: int) -> Iterator[SeenPage]:
        assert (name, seed) == ("cheap-lead", 3)
        yield seen_page(folder)

    monkeypatch.setattr(demo_report, "run_replay", replay)
    monkeypatch.setattr(webbrowser, "get", lambda: pytest.fail("a browser was opened"))
    options = ["--dir", str(tmp_path / "demo"), "--seed", "3"]
    output = run_here(tmp_path, "demo", "report", "demo", "cheap-lead", *options)
    assert f"Page: {tmp_path / 'demo' / VIEW.file}" in output


def test_a_person_at_a_terminal_sees_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    class Browser:
        def open(self, address: str) -> None:
            opened.append(address)

    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "get", Browser)
    demo_report._open(tmp_path / "report.html")
    assert opened == [(tmp_path / "report.html").resolve().as_uri()]
    monkeypatch.delenv("DISPLAY")
    demo_report._open(tmp_path / "report.html")
    assert len(opened) == 1
