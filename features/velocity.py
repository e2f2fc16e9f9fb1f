"""Velocity features: number of other people shortly before with the same address, phone, message ...

Only the junk model uses them (`use="junk"`). A count depends on the traffic: a campaign raises all of them, and a
new business starts without any. The level of win probability and revenue must not depend on that.
`features.velocity_keys` defines keys and windows.
"""

from __future__ import annotations

import math

from features.feature_group import NAN, Cell, Feature, FeatureGroup
from features.velocity_keys import DOMAIN_AGE, MAX_COUNT, WINDOWS

_WITH = {
    "ip": "from the same IP address",
    "net": "from the same network",
    "domain": "with the same mail domain",
    "phone": "with the same phone",
    "headers": "with the same browser",
    "behaviour": "who filled in the form in the same way",
    "message": "with nearly the same message",
}
_SPANS = {"10m": "10 minutes", "24h": "24 hours", "30d": "30 days"}


def _count(count: float | None) -> tuple[Cell, ...]:
    """Return ln(1 + n).

    Examples
    --------
    >>> _count(0.0), _count(None), _count(-1.0)
    ((0.0,), (nan,), (nan,))
    """
    return (NAN if count is None or count < 0 else math.log1p(min(count, MAX_COUNT)),)


def _group(kind: str, field: str) -> FeatureGroup:
    label = f"Other people {_WITH[kind]} in the {_SPANS[field.rpartition('_')[2]]} before"
    feature = Feature(f"{field}_log", "number", label, unit="ln(1 + n)", junk=1, use="junk")
    return FeatureGroup(field, (field,), (feature,), _count, needs="velocity")


GROUPS = (
    *(_group(kind, field) for kind, windows in WINDOWS.items() for field in windows),
    FeatureGroup(
        "recent_domain_age",
        (DOMAIN_AGE,),
        (
            Feature(
                "recent_domain_age_log",
                "number",
                "Days since the mail domain was first seen",
                unit="ln(1 + d)",
                use="junk",
            ),
        ),
        _count,
        needs="velocity",
    ),
)
