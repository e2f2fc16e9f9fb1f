from __future__ import annotations

import math
from datetime import UTC, datetime

from features.timing import GROUP
from tests.features.cells import cells


def test_late_evening_is_close_to_midnight() -> None:
    late = cells(GROUP, datetime(2026, 3, 2, 23, tzinfo=UTC))
    early = cells(GROUP, datetime(2026, 3, 3, 0, tzinfo=UTC))
    assert (
        math.dist([late["time_hour_sin"], late["time_hour_cos"]], [early["time_hour_sin"], early["time_hour_cos"]])
        < 0.3
    )  # type: ignore[arg-type]
    assert (late["time_weekday"], early["time_weekday"], early["time_weekend"]) == (0.0, 1.0, 0.0)
