"""CUSUM detector of a risen share, such as that of junk in a channel.

A CUSUM of log-likelihood ratios (Page 1954, "Continuous inspection schemes") is S = max(0, S + llr), with an
alarm where S reaches a limit. The llr is that of a mixture over shares above the usual one, so that a small rise
and a flood are both detected early. While the share is as usual, the probability that S reaches `limit` at a given
observation, starting anew, is at most exp(-limit) (Lorden 1971, "Procedures for reacting to a change in
distribution"), so the mean run to a false alarm is at least exp(limit) observations. The limit is the log of ten
times the observations of a year: at most one false alarm in ten years, were the usual share known; because it is
estimated, it is raised by its own uncertainty.

The usual share is estimated from the stream's own earlier observations, shrunk toward that of all streams. It is
not updated from a suspected rise.
"""

from __future__ import annotations

import math

LEARNING_OBSERVATIONS = 60
"""Observations of a stream before it can give an alarm."""
PRIOR_OBSERVATIONS = 30.0
"""Weight of the share of all streams in the usual share of one."""
SAFETY_FACTOR = 10.0
_STANDARD_ERRORS = 2.0
_SMALLEST_SHARE = 0.005
_LARGEST_SHARE = 0.6
_RISES = (1.6, 2.5, 4.0, 8.0)


def alarm_limit(per_year: float) -> float:
    """Return the height of the CUSUM at which a stream with `per_year` observations a year gives an alarm.

    Examples
    --------
    >>> round(alarm_limit(3_000), 1)
    10.3
    """
    return math.log(SAFETY_FACTOR * max(per_year, 100.0))


class Cusum:
    """Detector of a rise, updated one observation at a time in constant time and memory.

    Attributes
    ----------
    count
        Observations so far.
    start
        Position of the first observation of the current excursion above zero; None where the CUSUM is zero. During
        an alarm: the estimated position of the change.
    alarm
        Position of the observation that gave the alarm; None while there is no alarm.

    Examples
    --------
    >>> import random
    >>> generator, detector = random.Random(0), Cusum()
    >>> for position in range(1_300):
    ...     detector.update(generator.random() < (0.05 if position < 1_000 else 0.45), 0.05, alarm_limit(3_000))
    >>> 980 <= detector.start <= 1_010, detector.alarm < 1_060, detector.usual_share < 0.1
    (True, True, True)
    """

    def __init__(self) -> None:
        self.count = 0
        self.start: int | None = None
        self.alarm: int | None = None
        self._usual_hits = 0.0
        self._usual_count = 0.0
        self._hits = 0
        self._height = 0.0
        self._base = 0.0
        self._steps = (0.0, 0.0)

    @property
    def usual_share(self) -> float:
        """Estimated share before the current excursion; nan before the first observation."""
        return self._usual_hits / self._usual_count if self._usual_count else math.nan

    def update(self, hit: bool, prior_share: float, limit: float) -> None:
        """Add one observation.

        Parameters
        ----------
        hit
            Whether the observation is one of those whose share is watched.
        prior_share
            Share of all streams so far; used while the stream is being learned.
        limit
            See `alarm_limit`.
        """
        position = self.count
        self.count += 1
        if position < LEARNING_OBSERVATIONS:
            self._usual_hits += hit
            self._usual_count += 1.0
            if self.count == LEARNING_OBSERVATIONS:
                self._usual_hits += PRIOR_OBSERVATIONS * prior_share
                self._usual_count += PRIOR_OBSERVATIONS
            return
        if self.alarm is not None and not self._has_fallen_back(hit, limit):
            return
        if self.start is None and not hit:  # the CUSUM stays at zero
            self._usual_count += 1.0
            return
        self._climb(position, hit, limit)

    def _climb(self, position: int, hit: bool, limit: float) -> None:
        """Update the CUSUM for a rise; start an excursion, an alarm, or return to zero."""
        if self.start is None:
            self.start = position
            self._hits = 0
            self._base = _upper_bound(self._usual_hits / self._usual_count, self._usual_count)
            self._steps = (_log_ratio(False, self._base), _log_ratio(True, self._base))
        self._hits += hit
        self._height = max(0.0, self._height + self._steps[hit])
        length = position + 1 - self.start
        if self._height == 0.0:
            self._usual_hits += self._hits
            self._usual_count += length
            self.start = None
        elif self._height >= limit:
            level = max(self._hits / length, 1.2 * self._base)
            genuine = math.log((1.0 - self._base) / (1.0 - level)) if level < 1.0 else 5.0
            self.alarm = position
            self._height = 0.0
            self._steps = (genuine, math.log(self._base / level))

    def _has_fallen_back(self, hit: bool, limit: float) -> bool:
        """Update the CUSUM for the end of an alarm: the same kind of sum, from the risen share down to the usual."""
        self._height = max(0.0, self._height + self._steps[hit])
        if self._height < limit:
            return False
        self.start = self.alarm = None
        self._height = 0.0
        return True


def _upper_bound(share: float, count: float) -> float:
    """Return an estimated share raised by its uncertainty."""
    error = math.sqrt(max(share * (1.0 - share), 1e-4) / count)
    return min(max(share + _STANDARD_ERRORS * error, _SMALLEST_SHARE), _LARGEST_SHARE)


def _log_ratio(hit: bool, base: float) -> float:
    """Return the log of the mean likelihood ratio of one observation over the shares above `base`."""
    risen = [min(base * rise, 0.5 * (1.0 + base)) for rise in _RISES]
    ratios = [share / base if hit else (1.0 - share) / (1.0 - base) for share in risen]
    return math.log(sum(ratios) / len(ratios))
