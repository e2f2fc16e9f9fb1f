"""Search for a person in files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from leadworth.settings import Settings
from serving.personal_data.held_files import HeldFile, files_to_check

WORDS = ("L17", "17", "ada@acme.de", "+49 30 901820")


def settings_at(folder: Path) -> Settings:
    return Settings(
        currency="EUR",
        leads={"path": "crm/leads.csv"},
        export={"google_file": {"folder": "out"}},
        folder=folder,
    )


@pytest.mark.parametrize(
    ("line", "held"),
    [
        ("L17,1", True),
        ('"ADA@acme.de";x', True),
        ("call +49 30 901820 now", True),
        ('{"lead_id":"17"}', True),
        ("L171,2017,17%", False),
        ("17@firm.example,a-17,17-a", False),
        ("bada@acme.de,ada@acme.de.example", False),
    ],
)
def test_words_count_as_a_whole(tmp_path: Path, line: str, held: bool) -> None:
    (tmp_path / "scored.csv").write_text(f"head\n{line}\n{line}\n")
    assert files_to_check(settings_at(tmp_path), WORDS) == ([HeldFile("scored.csv", 2)] if held else [])


def test_folders_and_formats(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    for folder in (home / "crm", home / "out" / "deep", home / "else", other / "deep"):
        folder.mkdir(parents=True)
    (home / "crm" / "deals.csv").write_text("L17\n")
    (home / "out" / "deep" / "google.csv").write_text("L17\n")
    (home / "else" / "notes.csv").write_text("L17\n")  # not a folder that leadworth knows
    (other / "deep" / "list.txt").write_text("L17\nL18\n")
    (home / "book.xlsx").write_bytes(b"PK")
    with gzip.open(home / "old.csv.gz", "wb") as file:
        file.write(b"L17\n")
    (home / "utf16.csv").write_bytes("id\nL17\n".encode("utf-16"))
    pd.DataFrame({"lead_id": ["L17", "L18"], "score": [1.0, 2.0]}).to_parquet(home / "scored.parquet")
    found = {file.path: file.lines for file in files_to_check(settings_at(home), WORDS, [other])}
    assert found == {
        "crm/deals.csv": 1,
        "out/deep/google.csv": 1,
        str(other / "deep" / "list.txt"): 1,
        "book.xlsx": None,
        "old.csv.gz": 1,
        "utf16.csv": 1,
        "scored.parquet": 1,
    }
    assert files_to_check(settings_at(home), ()) == []
