"""`leadworth simulate`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from typer import Typer
from typer.testing import CliRunner

from leadworth.errors import InputError
from simulation.simulate_command import simulate as command


def test_the_command_says_what_it_made_and_what_comes_next(tmp_path: Path) -> None:
    app = Typer()
    app.command()(command)
    arguments = [str(tmp_path / "crm"), "--leads", "400", "--months", "6", "--scenario", "bots", "--end", "2025-02-01"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "display" in result.output
    assert "cost per lead" in result.output
    assert "leadworth train --config" in result.output
    created = pd.read_csv(tmp_path / "crm" / "leads.csv")["Created"]
    assert created.max() < "2025-02-01"
    wrong = CliRunner().invoke(app, [str(tmp_path), "--end", "tomorrow"])
    assert isinstance(wrong.exception, InputError)
