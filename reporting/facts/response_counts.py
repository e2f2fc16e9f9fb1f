"""Counts of response times by week of submit, channel and bin, by the clock and by business hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

from leadworth.arrays import Vector
from reporting.statistics.business_hours import BusinessHours
from reporting.statistics.log_bins import bin_of_minutes
from store.response_bins import Bin
from store.traffic_weeks import monday

CLOCK, BUSINESS = "clock", "business"
Contact = tuple[str, str, str, str | None, str | None]
_MICROS_A_MINUTE = 60_000_000
_MARGIN = timedelta(days=2)


@dataclass(frozen=True)
class BusinessClock:
    """Business minutes since a first day, for many moments at once.

    Attributes
    ----------
    opens
        Beginnings of the business hours in microseconds since 1970, rising, shape (n,).
    lengths
        Their lengths in microseconds, shape (n,).
    before
        Sum of the lengths before each, shape (n + 1,).
    """

    opens: NDArray[np.int64]
    lengths: NDArray[np.int64]
    before: NDArray[np.int64]

    @classmethod
    def of(cls, hours: BusinessHours, first: date, last: date) -> Self:
        """Return the clock of business hours, which is right for moments from the first to the last day."""
        day, opens, closes = first - _MARGIN, [], []
        while day <= last + _MARGIN:
            for opening, closing in hours.ranges_of(day):
                opens.append(_micros(day, opening, hours))
                closes.append(_micros(day, closing, hours))
            day += timedelta(days=1)
        begins = np.array(opens, dtype=np.int64)
        lengths = np.array(closes, dtype=np.int64) - begins
        return cls(begins, lengths, np.concatenate(([0], np.cumsum(lengths))).astype(np.int64))

    def minutes(self, at: NDArray[np.int64]) -> Vector:
        """Return the business minutes before moments in microseconds since 1970, shape (n,)."""
        if not len(self.opens):
            return np.zeros(len(at))
        position = np.searchsorted(self.opens, at, side="right") - 1
        inside = np.clip(at - self.opens[position], 0, self.lengths[position])
        elapsed = np.where(position < 0, 0, self.before[position] + inside)
        return np.asarray(elapsed / _MICROS_A_MINUTE, dtype=np.float64)


def response_counts(contacts: Sequence[Contact], now: datetime, business: BusinessClock) -> dict[Bin, tuple[int, int]]:
    """Return bin -> leads with a contact, and leads without one, by their age or by the time that they were open.

    Parameters
    ----------
    contacts
        Day, channel, time of submit, of the first contact and of the end of each lead, as the store has them.
    now
        Timezone-aware time of the refresh.
    business
        Business minutes.
    """
    if not contacts:
        return {}
    present = now.astimezone(UTC).isoformat(timespec="microseconds")
    begins = _moments([submitted for _, _, submitted, _, _ in contacts])
    ends = np.maximum(_moments([touched or ended or present for *_, touched, ended in contacts]), begins)
    clock = (ends - begins) / _MICROS_A_MINUTE
    at_work = np.maximum(business.minutes(ends) - business.minutes(begins), 0.0)
    weeks = {day: str(monday(day)) for day in {contact[0] for contact in contacts}}
    counts: Counter[tuple[Bin, bool]] = Counter()
    for hours, minutes in ((CLOCK, clock), (BUSINESS, at_work)):
        numbers = bin_of_minutes(minutes).tolist()
        counts.update(
            ((weeks[day], channel, hours, number), touched is not None)
            for (day, channel, _, touched, _), number in zip(contacts, numbers, strict=True)
        )
    return {key: (counts[key, True], counts[key, False]) for key in {key for key, _ in counts}}


def _moments(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return stored times in microseconds since 1970."""
    return np.array([text[:26] for text in texts], dtype="datetime64[us]").astype(np.int64)


def _micros(day: date, minutes: int, hours: BusinessHours) -> int:
    """Return the moment at which the clock on the wall shows these minutes since midnight."""
    more, minute = divmod(minutes, 24 * 60)
    local = datetime.combine(day + timedelta(days=more), time(minute // 60, minute % 60), tzinfo=hours.zone)
    return int((local - _EPOCH) / timedelta(microseconds=1))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
