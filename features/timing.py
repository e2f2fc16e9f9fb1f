"""Time of the form: hour and weekday in UTC.

The hour is encoded as a point on a circle, so that 23:00 and 00:00 are close. The lead's time zone is unknown, and
the time zone of the settings would shift the hours between two users of one model. Month and day of the month are
left out: in one or two years of history a month reflects a campaign, a price or the age of the open leads, none of
which recurs with the next year's month.
"""

from __future__ import annotations

import math
from datetime import datetime

from features.feature_group import NAN, Cell, Feature, FeatureGroup

_ABSENT: tuple[Cell, ...] = (NAN, NAN, NAN, NAN, NAN)
_CIRCLE = tuple((math.sin(2 * math.pi * h / 24), math.cos(2 * math.pi * h / 24)) for h in range(24))


def compute(submitted_at: datetime | None) -> tuple[Cell, ...]:
    """Return hour and weekday of a timestamp.

    Examples
    --------
    >>> from datetime import UTC
    >>> compute(datetime(2026, 3, 7, 6, 30, tzinfo=UTC))
    (6.0, 1.0, 6.1..., 5.0, 1.0)
    """
    if submitted_at is None:
        return _ABSENT
    hour, weekday = submitted_at.hour, submitted_at.weekday()
    sine, cosine = _CIRCLE[hour]
    return (float(hour), sine, cosine, float(weekday), 1.0 if weekday >= 5 else 0.0)


GROUP = FeatureGroup(
    "time",
    ("submitted_at",),
    (
        Feature("time_hour", "number", "Hour of the form (UTC)", unit="h"),
        Feature("time_hour_sin", "number", "Time of day", "Time of day at which the form was sent", unit="-1 to 1"),
        Feature("time_hour_cos", "number", "Time of day", "Time of day at which the form was sent", unit="-1 to 1"),
        Feature("time_weekday", "number", "Weekday of the form (0 is Monday)", unit="d"),
        Feature("time_weekend", "flag", "Day of the form", "Sent at the weekend", "Sent on a working day"),
    ),
    compute,
)

GROUPS = (GROUP,)
