"""The init command."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadworth.cli import main
from leadworth.settings import load_settings

EXPORTS = Path(__file__).parent / "inference" / "exports" / "salesforce"
FILES = [str(EXPORTS / name) for name in ("salesforce_leads.csv", "salesforce_opportunities.csv")]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["init", *arguments])
    return int(stop.value.code or 0)


def test_it_writes_settings_that_load_and_prints_the_next_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "mine.toml"
    assert run(*FILES, "-o", str(target), "--timezone", "Europe/London") == 0
    settings = load_settings(target)
    assert settings.resolve(settings.leads.path).resolve() == (EXPORTS / "salesforce_leads.csv").resolve()
    assert settings.timezone == "Europe/London"
    output = capsys.readouterr().out
    assert "Inferred settings" in output
    assert "Warnings" in output
    assert "Unused columns" in output
    assert f"leadworth train --config {target}" in output
    assert "ada.rossi" not in output
    assert "@" not in target.read_text(encoding="utf-8")


def test_it_never_overwrites_without_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "leadworth.toml"
    target.write_text("mine")
    assert run(*FILES, "-o", str(target)) == 2
    assert "--force" in capsys.readouterr().err
    assert target.read_text() == "mine"
    assert run(*FILES, "-o", str(target), "--force") == 0
    assert load_settings(target).outcomes.stage == "StageName"


def test_a_dry_run_prints_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*FILES, "-o", str(tmp_path / "x.toml"), "--dry-run") == 0
    assert "[leads.columns]" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", [("--currency", "euro"), ("--timezone", "Mars/Base")])
def test_an_invalid_option_is_an_error(
    tmp_path: Path, option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*FILES, "-o", str(tmp_path / "x.toml"), *option) == 2
    assert option[1] in capsys.readouterr().err


def test_an_absent_file_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path / "none.csv"), "-o", str(tmp_path / "x.toml")) == 2
    assert "there is no file" in capsys.readouterr().err
