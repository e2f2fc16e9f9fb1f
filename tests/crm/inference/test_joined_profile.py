"""Profile of joined tables."""

from __future__ import annotations

from pathlib import Path

from crm.inference.export_profile import profile_export
from crm.inference.file_joins import TableJoin
from crm.inference.joined_profile import join_profiles


def test_columns_are_added_and_equal_names_get_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Id,Stage\nD1,Won\nD2,Lost\nD3,Won\n")
    (tmp_path / "roles.csv").write_text("Id,Deal,Contact\nr1,D2,C7\nr2,D1,C8\n")
    deals, roles = (profile_export(tmp_path / name) for name in ("deals.csv", "roles.csv"))
    joined = join_profiles(deals, [TableJoin(roles, "Id", "Deal")])
    assert list(joined.columns) == ["Id", "Stage", "roles.Id", "Deal", "Contact"]
    assert joined.values("Contact") == ["C8", "C7", ""]
    assert joined.values("Stage") == ["Won", "Lost", "Won"]
