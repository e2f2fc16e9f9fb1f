"""The check of the language counts words to avoid, and skips recorded data."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import check_language, project


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(project, "ROOT", tmp_path)
    monkeypatch.setattr(project, "files", lambda: sorted(path for path in tmp_path.rglob("*") if path.is_file()))
    return tmp_path


def write(root: Path, name: str, lines: int, bad: int) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x = 1\n" * (lines - bad) + "# what it was told\n" * bad, encoding="utf-8")


def test_a_few_uses_pass(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, "store/module.py", 2_000, 2)
    write(root, "crm/data/words.toml", 10, 9)
    write(root, "tests/behaviour/recorded/scores.md", 10, 9)
    write(root, "picture.svg", 10, 9)
    check_language.main()
    assert "2,000 lines: 1.00 words to avoid per 1,000" in capsys.readouterr().out


def test_a_habit_is_reported_with_its_lines(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, "store/module.py", 1_000, 2)
    with pytest.raises(SystemExit):
        check_language.main()
    message = capsys.readouterr().err
    assert "2 uses in 1,000 lines (2.0 per 1,000)" in message
    assert "store/module.py:999: told" in message


@pytest.mark.parametrize("text", ["untold", "standard", "bearer", "belies", "mushroom", "storytelling"])
def test_parts_of_words_do_not_count(text: str) -> None:
    assert list(check_language.find_uses([("a.py", text)])) == []
