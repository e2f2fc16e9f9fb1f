"""The init command."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from crm.inference.init_report import MOST_LINES
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
    assert len(output.splitlines()) <= MOST_LINES + 3
    assert "join       Lead ID = Lead_ID__c" in output
    assert "### Lead Owner" in (tmp_path / "mine.init.md").read_text(encoding="utf-8")
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


def test_a_disk_without_space_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert run(*FILES, "-o", str(tmp_path / "leadworth.toml")) == 2
    assert "cannot be written: No space left" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_it_never_overwrites_an_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_bytes(Path(FILES[0]).read_bytes())
    assert run(str(leads), FILES[1], "-o", str(tmp_path / ".." / tmp_path.name / "leads.csv"), "--force") == 2
    assert "is one of the exports" in capsys.readouterr().err
    assert leads.read_bytes() == Path(FILES[0]).read_bytes()


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


def test_explain_prints_the_evidence_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*FILES, "-o", str(tmp_path / "x.toml"), "--explain", "Lead Owner") == 0
    output = capsys.readouterr().out
    assert output.startswith("Lead Owner in salesforce_leads.csv")
    assert "the person who works the lead" in output
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_column_to_explain_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*FILES, "-o", str(tmp_path / "x.toml"), "--explain", "lead owner") == 2
    assert "Allowed: Lead Owner" in capsys.readouterr().err


def test_exports_without_wins_write_settings_and_end_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leads = tmp_path / "leads.csv"
    rows = [f"{n},2026-01-{n % 28 + 1:02},p{n}@firm{n}.com,{('hot', 'cold')[n % 2]}" for n in range(40)]
    leads.write_text("\n".join(["Lead ID,Created,Email,Temperature", *rows]), encoding="utf-8")
    target = tmp_path / "leadworth.toml"
    assert run(str(leads), "-o", str(target)) == 1
    output = " ".join(capsys.readouterr().out.split())
    assert "no column of leads.csv shows which leads were won; these might: 'Temperature' ('hot', 'cold')" in output
    assert load_settings(target).leads.id == "Lead ID"
