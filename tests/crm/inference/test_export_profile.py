"""Profiles of export files."""

from __future__ import annotations

from pathlib import Path

from crm.inference.export_profile import find_missing_tokens, profile_export


def test_missing_tokens_are_empty_values(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("Ref,Email,Source\n1,ada@example.org,Select\n2,N/A,web\n3,,fair\n")
    export = profile_export(tmp_path / "leads.csv")

    assert export.name == "leads.csv"
    assert export.missing == {"N/A": 1, "Select": 1}
    assert export.values("Source") == ["", "web", "fair"]
    assert export.columns["Email"].kind == "email"


def test_a_column_of_missing_tokens_alone_keeps_them() -> None:
    assert find_missing_tokens({"State": ["None", "None", ""]}) == {}


def test_the_best_header_match_comes_first(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("Customer E-mail,E-mail\na@b.example,c@d.example\n")
    export = profile_export(tmp_path / "leads.csv")

    assert [column.name for column, _ in export.columns_for("fields", "email")] == ["E-mail", "Customer E-mail"]
