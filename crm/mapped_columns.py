"""Columns of a file behind the fields of the lead table, and the fields that are never features."""

from __future__ import annotations

from leadworth.settings import LeadsSource


def mapped_columns(source: LeadsSource) -> dict[str, str]:
    """Return field of the lead table -> column of the file: `submitted_at`, [leads.columns] and [leads.features].

    Examples
    --------
    >>> source = LeadsSource(submitted_at="Created", columns={"source": "Origin"}, features={"numeric": ["Seats"]})
    >>> mapped_columns(source)
    {'submitted_at': 'Created', 'source': 'Origin', 'extras.Seats': 'Seats'}
    """
    features = source.features
    mapped = {"submitted_at": source.submitted_at} if source.submitted_at else {}
    declared = (*features.numeric, *features.categorical, *features.text)
    return mapped | source.columns | {f"extras.{column}": column for column in declared}


def ignored_fields(source: LeadsSource) -> frozenset[str]:
    """Return the fields of the lead table that `ignore` names, by their column or as the field.

    Examples
    --------
    >>> source = LeadsSource(submitted_at="Created", features={"ignore": ["Created"]})
    >>> sorted(ignored_fields(source))
    ['submitted_at']
    """
    ignore = set(source.features.ignore)
    mapped = mapped_columns(source)
    return frozenset(field for field, column in mapped.items() if column in ignore or field in ignore)
