"""The commands show what was recognised, write on --yes only, and end with an exit code where sums differ."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from leadworth import cli
from tests.reporting.imports.files import Notation, written

SETTINGS = 'currency = "EUR"\n[leads]\npath = "leads.csv"\n'
TABLE = [("Day", "Campaign", "Cost (EUR)", "Impr."), ("2025-11-01", "A", "9.00", "4"), ("2025-11-01", "B", "x", "4")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leadworth.toml").write_text(SETTINGS)
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    return int(ended.value.code or 0)


def costs(folder: Path) -> list[int]:
    engine = create_engine(f"sqlite:///{folder / 'leadworth.db'}")
    with engine.connect() as connection:
        found = list(connection.execute(text("SELECT cost_micros FROM spend_days")).scalars())
    engine.dispose()
    return found


def test_import_twice_is_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder / "spend.csv", TABLE, Notation())
    for expected in ("1 rows stored", "nothing changed"):
        assert run("spend", "import", "spend.csv", "--account", "1", "--yes") == 0
        output = capsys.readouterr().out
        assert expected in output
        assert "Report refreshed" in output
    assert costs(folder) == [9_000_000]
    assert "not an amount of money: Cost (EUR)" in (folder / "spend.rejected.csv").read_text()


def test_nothing_is_written_without_yes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder / "spend.csv", TABLE, Notation())
    assert run("spend", "import", "spend.csv", "--account", "1") == 2
    assert "add --yes" in capsys.readouterr().err
    assert run("spend", "import", "spend.csv", "--account", "1", "--dry-run") == 0
    assert not (folder / "leadworth.db").exists()
    assert not (folder / "spend.rejected.csv").exists()


def test_a_different_total_ends_with_an_exit_code(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder / "spend.csv", [*TABLE[:2], ("", "", "9.10", "")], Notation())
    assert run("spend", "import", "spend.csv", "--account", "1", "--yes") == 1
    assert "differs from the file's own total by 1.1%" in capsys.readouterr().err
    assert costs(folder) == [9_000_000]


def test_what_a_file_does_not_show_is_an_option(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder / "spend.csv", TABLE, Notation())
    assert run("spend", "import", "spend.csv", "--yes") == 2
    assert "--account" in capsys.readouterr().err
    assert run("spend", "import", "spend.csv", "--account", "1", "--column", "cost") == 2


def test_at_a_terminal_it_is_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(folder / "spend.csv", TABLE, Notation())
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda *_: "77")
    monkeypatch.setattr("typer.confirm", lambda *_: True)
    assert run("spend", "import", "spend.csv") == 0
    assert costs(folder) == [9_000_000]


def test_an_answer_that_is_no_decimal_mark_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(folder / "spend.csv", [TABLE[0], ("2025-11-01", "A", "1.234", "4")], Notation())
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda *_: "x")
    assert run("spend", "import", "spend.csv", "--account", "1") == 2


def test_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder / "likes.csv", [("Datum", "Likes"), ("2025-11-13", "3")], Notation(delimiter=";"))
    assert run("traffic", "import", "likes.csv", "--account", "x", "--metric", "social_engagement", "--yes") == 0
    assert "sum 3" in capsys.readouterr().out
