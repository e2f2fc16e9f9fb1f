"""Counts of response times by week of submit, channel and bin, by the clock and by business hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

import numpy as np

from reporting.statistics.log_bins import bin_of_minutes
from store.response_bins import Bin
from store.traffic_weeks import monday

CLOCK, BUSINESS = "clock", "business"
Minutes = Callable[[datetime, datetime], float]
Contact = tuple[str, str, str, str | None, str | None]


def response_counts(
    contacts: Iterable[Contact], now: datetime, business_minutes: Minutes
) -> dict[Bin, tuple[int, int]]:
    """Return bin -> leads with a contact, and leads without one, by their age or by the time that they were open.

    Parameters
    ----------
    contacts
        Day, channel, time of submit, of the first contact and of the end of each lead, as the store has them.
    now
        Timezone-aware time of the refresh.
    business_minutes
        Returns the minutes of business hours between two moments.
    """
    groups: list[tuple[str, str, bool]] = []
    clock: list[float] = []
    business: list[float] = []
    for day, channel, submitted, touched, ended in contacts:
        begin = datetime.fromisoformat(submitted)
        end = datetime.fromisoformat(touched or ended) if touched or ended else now
        groups.append((str(monday(day)), channel, touched is not None))
        clock.append(max((end - begin).total_seconds() / 60.0, 0.0))
        business.append(business_minutes(begin, end))
    counts: dict[Bin, list[int]] = defaultdict(lambda: [0, 0])
    for hours, minutes in ((CLOCK, clock), (BUSINESS, business)):
        bins = bin_of_minutes(np.array(minutes, dtype=np.float64)).tolist()
        for (week, channel, is_touched), number in zip(groups, bins, strict=True):
            counts[week, channel, hours, number][0 if is_touched else 1] += 1
    return {key: (touched, untouched) for key, (touched, untouched) in counts.items()}
