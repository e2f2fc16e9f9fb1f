"""Name the cells of a group."""

from __future__ import annotations

from features.base import Cell, Group


def cells(group: Group, *values: object) -> dict[str, Cell]:
    """Return what a group gives, by name of the feature; inputs left out are missing."""
    given = [*values, *[None] * (len(group.inputs) - len(values))]
    return dict(zip([feature.name for feature in group.features], group.compute(*given), strict=True))
