"""The check of the pages finds what it is there to find."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import check_docs


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("# One\n\n[two](docs/two.md#a-part)\n", encoding="utf-8")
    (tmp_path / "docs" / "two.md").write_text("# Two\n\n## A part\n\n[one](../README.md)\n", encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(f"## {check_docs.__version__}\n", encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text("nav: [two.md]\n", encoding="utf-8")
    monkeypatch.setattr(check_docs, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("root")
def test_pages_in_step_pass(capsys: pytest.CaptureFixture[str]) -> None:
    check_docs.main()
    assert "3 pages" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("page", "text", "fault"),
    [
        ("docs/two.md", "[gone](none.md)", "docs/two.md: none.md does not exist"),
        ("docs/two.md", '<img src="none.svg">', "docs/two.md: none.svg does not exist"),
        ("docs/two.md", "[part](../README.md#none)", "names no heading"),
        ("docs/three.md", "# Three", "mkdocs.yml does not list three.md"),
        ("README.md", "\n" * 151, "README.md has 151 lines"),
        ("CHANGELOG.md", "## 0.0.0", "CHANGELOG.md has no section"),
    ],
)
def test_a_fault_is_named(root: Path, capsys: pytest.CaptureFixture[str], page: str, text: str, fault: str) -> None:
    (root / page).write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit):
        check_docs.main()
    assert fault in capsys.readouterr().err


def test_code_is_not_searched_for_links(root: Path) -> None:
    page = root / "docs" / "two.md"
    page.write_text("```\n[x](none.md)\n```\n", encoding="utf-8")
    assert list(check_docs.links(page)) == []
