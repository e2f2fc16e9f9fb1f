"""The click ids of ad platforms, and whether they agree with the source."""

from __future__ import annotations

import re

from features.base import NAN, Cell, Feature, Group, key, truth
from features.lexicon import load

_PLATFORMS = load("platforms.toml")
_FIELDS = tuple(field for platform in _PLATFORMS.values() for field in platform["click_ids"])
_OF_FIELD = tuple(name for name, platform in _PLATFORMS.items() for _ in platform["click_ids"])
_OF_SOURCE = {source: name for name, platform in _PLATFORMS.items() for source in platform["sources"]}
_GCLID = re.compile(r"(?:Cj[0-9A-Za-z]|EAIaIQobChMI)[0-9A-Za-z_-]{17,197}|C[A-P][A-Za-z0-9_-]{24}")
_NO_CLICK: tuple[Cell, ...] = (0.0, None, NAN, NAN)


def compute(source: str | None, *ids: str | None) -> tuple[Cell, ...]:
    """Return which platforms' click ids the lead carries.

    Notes
    -----
    The shape of a gclid is undocumented: the beginnings are those of public samples, so the flag is soft.

    Examples
    --------
    >>> compute("facebook", "CjwKCAjw" + "x" * 83, *[None] * (len(_FIELDS) - 1))
    (1.0, 'google', 1.0, 1.0)
    """
    if not any(ids):
        return _NO_CLICK
    held = [platform for platform, value in zip(_OF_FIELD, ids, strict=True) if value]
    gclid = ids[0]
    expected = _OF_SOURCE.get(key(source) or "")
    return (
        float(len(set(held))),
        held[0],
        NAN if gclid is None else truth(_GCLID.fullmatch(gclid[:300])),
        NAN if expected is None else truth(expected not in held),
    )


GROUP = Group(
    "click",
    ("source", *_FIELDS),
    (
        Feature("click_platforms", "number", "Ad platforms whose click id the lead carries", unit="n"),
        Feature("click_platform", "category", "Click id of"),
        Feature(
            "click_gclid_valid",
            "flag",
            "Google click id",
            "Google click id is well formed",
            "Google click id is malformed",
        ),
        Feature(
            "click_source_conflict",
            "flag",
            "Click id and source",
            "Click id is of another platform than the source",
            "Click id agrees with the source",
        ),
    ),
    compute,
)
