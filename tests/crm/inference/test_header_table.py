"""Header table of one vocabulary."""

from __future__ import annotations

import pytest

from crm.inference.header_table import HeaderTable, read_header_table

VOCABULARY = """
name = "Test"
kind = "language"
particles = ["of", "the"]
neutral = ["contact"]
deal_words = ["deal"]
[fields]
submitted_at = ["Date of the creation"]
email = ["Mail"]
full_name = ["Contact name"]
[outcomes]
stage = ["Stage"]
[people]
headers = ["Owner"]
[unrelated]
headers = ["Deal title"]
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> HeaderTable:
    path = tmp_path_factory.mktemp("vocabulary") / "test.toml"
    path.write_text(VOCABULARY, encoding="utf-8")
    return read_header_table(path)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("date of the creation", "submitted_at"),
        ("creation date", "submitted_at"),
        ("contact mail", "email"),
        ("mail 2", "email"),
        ("contact name", "full_name"),
        ("name", None),
        ("deal stage", "stage"),
        ("deal mail", None),
        ("deal owner", "headers"),
        ("owner id", "headers"),
        ("mail id", None),
    ],
)
def test_spellings(table: HeaderTable, words: str, meaning: str | None) -> None:
    found = next((spelling for spelling in table.spellings(words) if spelling.key in table.entries), None)
    names = [
        name
        for section, name, _ in (table.entries[found.key] if found else ())
        if not found.meanings or {(section, name), (section, "")} & found.meanings
    ]
    assert names == ([meaning] if meaning else [])


def test_unrelated_headers_have_no_meaning(table: HeaderTable) -> None:
    assert table.has_meaning("mail")
    assert not table.has_meaning("dealtitle")
