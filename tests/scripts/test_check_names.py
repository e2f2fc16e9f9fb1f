"""The check of names reports shared module names, shared class names and modules without a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import check_names, project


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.hatch.build.targets.wheel]\npackages = ["a", "b"]\n')
    for package in ("a", "b"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / "a" / "delay.py").write_text("class Delay: ...\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_delay.py").write_text("")
    monkeypatch.setattr(project, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("root")
def test_unique_names_with_tests_pass(capsys: pytest.CaptureFixture[str]) -> None:
    check_names.main()
    assert "3 modules: unique names, 100%" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("b/delay.py", "", "module name delay: a/delay.py, b/delay.py"),
        ("b/waiting.py", "class Delay: ...\n", "class name Delay: a/delay.py, b/waiting.py"),
        ("b/odds.py", "", "50% of the modules have a test of the same name; at least 80%: b/odds.py"),
    ],
)
def test_a_fault_is_reported(root: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, fault: str) -> None:
    (root / file).write_text(text)
    with pytest.raises(SystemExit):
        check_names.main()
    assert fault in capsys.readouterr().err


def test_classes_of_one_file_may_share_a_name(tmp_path: Path) -> None:
    file = tmp_path / "both.py"
    file.write_text("if True:\n    class Both: ...\nelse:\n    class Both: ...\n")
    assert check_names.shared_class_names([file]) == []
