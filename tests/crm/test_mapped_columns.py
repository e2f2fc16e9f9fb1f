"""Columns of the file behind the fields of the lead table."""

from __future__ import annotations

import pytest

from crm.mapped_columns import ignored_fields, mapped_columns
from leadworth.settings import LeadsSource

COLUMNS = {"source": "Origin", "message": "Note"}


def source_of(*ignore: str) -> LeadsSource:
    features = {"numeric": ["Seats"], "categorical": ["Plan"], "ignore": list(ignore)}
    return LeadsSource(submitted_at="Created", columns=COLUMNS, features=features)


def test_every_declared_column_is_mapped() -> None:
    mapped = mapped_columns(source_of())
    assert mapped == {"submitted_at": "Created", **COLUMNS, "extras.Seats": "Seats", "extras.Plan": "Plan"}


@pytest.mark.parametrize(
    ("ignore", "expected"),
    [
        ((), set()),
        (("Created",), {"submitted_at"}),
        (("submitted_at", "Note"), {"submitted_at", "message"}),
        (("source", "Plan"), {"source", "extras.Plan"}),
        (("Owner",), set()),
    ],
)
def test_ignore_names_the_column_or_the_field(ignore: tuple[str, ...], expected: set[str]) -> None:
    assert ignored_fields(source_of(*ignore)) == expected
