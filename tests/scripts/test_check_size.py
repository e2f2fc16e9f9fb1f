"""The check of sizes counts what it says."""

from __future__ import annotations

from pathlib import Path

from scripts.check_size import too_long


def test_sizes(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    body = "    x = 1\n"
    docstring = '    """Say.\n' + "    more\n" * 80 + '    """\n'
    file.write_text(f"def short():\n{docstring}{body * 60}", encoding="utf-8")
    assert list(too_long(file)) == []
    file.write_text(f"def long():\n{body * 61}", encoding="utf-8")
    assert list(too_long(file)) == [f"{file}:1: long has 61 lines; 60 are allowed"]
    file.write_text("x = 1\n" * 401, encoding="utf-8")
    assert list(too_long(file)) == [f"{file}: 401 lines; 400 are allowed"]
