from __future__ import annotations

import math

from features.initiative import GROUPS
from tests.features.cells import cell


def test_negative_counts_are_missing() -> None:
    assert cell(GROUPS, "initiative_visits", 3.0) == 3.0
    negative = cell(GROUPS, "initiative_visits", -3.0)
    assert isinstance(negative, float)
    assert math.isnan(negative)
