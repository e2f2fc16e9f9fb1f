"""Values of a feature group by name."""

from __future__ import annotations

from features.feature_group import Cell, FeatureGroup


def cells(group: FeatureGroup, *values: object) -> dict[str, Cell]:
    """Return the values of a group by feature; inputs that are left out are missing."""
    inputs = [*values, *[None] * (len(group.inputs) - len(values))]
    return dict(zip([feature.name for feature in group.features], group.compute(*inputs), strict=True))


def cell(groups: tuple[FeatureGroup, ...], name: str, value: object) -> Cell:
    """Return the value of one feature, of a group with one input."""
    group = next(group for group in groups if name in [feature.name for feature in group.features])
    return cells(group, value)[name]
