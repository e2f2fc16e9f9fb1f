"""Generated pages: every setting, field and error is listed; a stale page is reported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from leadworth.records import Lead, Score
from scripts import make_reference, project


def test_every_setting_is_listed() -> None:
    page = make_reference.settings_page()
    for path, section in make_reference.sections(make_reference.Settings):
        assert not path or f"## `[{'.'.join(path)}]`" in page
        for name, field in section.model_fields.items():
            assert field.exclude or make_reference.is_section(field.annotation) or f"| `{name}` |" in page


def test_every_field_of_a_lead_and_of_a_score_is_listed() -> None:
    assert all(f"| `{name}` |" in make_reference.leads_page() for name in Lead.model_fields)
    assert all(f"| `{name}` |" in make_reference.scores_page() for name in Score.model_fields)


def test_every_error_of_the_packages_is_listed_and_indented() -> None:
    page = make_reference.errors_page()
    assert "&nbsp;&nbsp;&nbsp;&nbsp;`TrainingError` | `leadworth.errors` | 3 |" in page
    assert "&nbsp;" * 8 + "`LeakageError` | `leadworth.errors` | 4 |" in page
    derived = re.compile(r"^class (\w+)\(\w*Error\):", re.MULTILINE)
    names = [name for path in project.modules() for name in derived.findall(path.read_text(encoding="utf-8"))]
    assert len(names) > 10
    assert [name for name in names if f"`{name}`" not in page] == []


def test_a_stale_page_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make_reference, "FOLDER", tmp_path)
    monkeypatch.setattr(make_reference, "pages", lambda: {"a.md": "new", "b.md": "same"})
    (tmp_path / "a.md").write_text("old", encoding="utf-8")
    (tmp_path / "b.md").write_text("same", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["make_reference.py", "--check"])
    with pytest.raises(SystemExit):
        make_reference.main()
    assert "not up to date with the code: a.md\n" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["make_reference.py"])
    make_reference.main()
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == "new"
