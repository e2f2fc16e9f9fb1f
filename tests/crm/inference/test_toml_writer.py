"""Text of leadworth.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from crm.inference.proposal import propose
from crm.inference.toml_writer import quoted, render


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_quoted_text_is_read_back(text: str) -> None:
    assert tomllib.loads(f"x = {quoted(text)}") == {"x": text}


def test_paths_are_relative_and_reasons_are_comments(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "leads.csv"
    path.write_text("Ref,E-mail,won\n" + "".join(f"R{n},p{n}@example.com,{n % 2}\n" for n in range(30)))
    text = render(propose([path]), tmp_path / "settings")

    assert tomllib.loads(text)["leads"]["path"] == "../data/leads.csv"
    assert 'email = "E-mail"    # header (English); e-mail addresses' in text
    assert "# Warnings:" in text
