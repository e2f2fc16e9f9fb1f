"""Discovery of the feature groups: every module of this package with a tuple `GROUPS`."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

import features
from features import extra_features as extra_groups
from features.feature_group import FeatureGroup, Kind

ORDER = (
    "email",
    "phone",
    "name",
    "company",
    "profile",
    "message",
    "campaign",
    "click",
    "time",
    "form",
    "initiative",
    "email_typo",
    "collector",
    "token",
    "headers",
    "network",
    "recent",
)
"""Order of the groups in a new feature spec, by name or by the first part of the name.

It keeps the column order of newly trained models stable. Groups that are not listed follow by module name.
A fitted spec has an order of its own."""


@cache
def feature_groups() -> tuple[FeatureGroup, ...]:
    """Return the groups of the standard fields, in the order of a new feature spec.

    Examples
    --------
    >>> feature_groups()[0].name
    'email'
    """
    names = sorted(module.name for module in pkgutil.iter_modules(features.__path__))
    modules = [import_module(f"features.{name}") for name in names]
    groups = [group for module in modules for group in getattr(module, "GROUPS", ())]
    return tuple(sorted(groups, key=_position))


def all_groups(extras: Mapping[str, Kind]) -> tuple[FeatureGroup, ...]:
    """Return the groups of the standard fields, then one for each extra column, by name of the column."""
    return (*feature_groups(), *(extra_groups.group(column, extras[column]) for column in sorted(extras)))


def _position(group: FeatureGroup) -> int:
    for name in (group.name, group.name.partition("_")[0]):
        if name in ORDER:
            return ORDER.index(name)
    return len(ORDER)
