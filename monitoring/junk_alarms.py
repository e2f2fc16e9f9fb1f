"""Tell when the share of junk of a channel has risen, at once and hardly ever wrongly.

A stream of leads is watched by a CUSUM of log-likelihood ratios (Page 1954, "Continuous inspection
schemes"): S = max(0, S + llr), an alarm where S reaches a limit. The llr is that of a mixture over shares
above the usual one, so that a small rise and a flood are both seen early. For a lead counted as junk or not,
the chance that S reaches `limit` at a given lead, starting anew, is at most exp(-limit) while the share
stays as usual (Lorden 1971, "Procedures for reacting to a change in distribution"), so the mean run to a
false alarm is at least exp(limit) leads. The limit is the log of ten times the leads of a year: one false
alarm in ten channel-years at most, were the usual share known; it is estimated, so the bound is taken with room.

The usual share comes from the stream's own earlier leads, drawn toward that of all streams, and is raised by
its own uncertainty; while an alarm stands it is not learned from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadworth.arrays import Flags, Vector

LEARNING_LEADS = 60
"""Leads of a stream before it is watched."""
PRIOR_LEADS = 30.0
"""What the share of all streams counts for in that of one."""
ROOM = 10.0
_UNCERTAINTY = 2.0
_LEAST, _MOST = 0.005, 0.6
_RISES = (1.6, 2.5, 4.0, 8.0)
_DAY = 86_400.0


@dataclass(frozen=True)
class JunkRise:
    """A rise of the share of junk in one stream.

    Attributes
    ----------
    start, alarm
        Positions in the stream: of the first lead after the change, and of the lead that gave the alarm.
    before, after
        Share of junk up to the change, and since.
    over
        Position of the lead at which the share had fallen back; None where it stands.
    """

    start: int
    alarm: int
    before: float
    after: float
    over: int | None


def limit_of(leads_per_year: float) -> float:
    """Return the height at which a stream gives an alarm.

    Examples
    --------
    >>> round(limit_of(3_000), 1)
    10.3
    """
    return math.log(ROOM * max(leads_per_year, 100.0))


def changes(junk: Flags, usual: float, leads_per_year: float) -> list[JunkRise]:
    """Return the rises of a stream, oldest first.

    Parameters
    ----------
    junk
        Whether each lead looks like junk, in order of time, shape (n,).
    usual
        Share of junk of all streams.
    leads_per_year
        Of this stream; sets how rare false alarms are.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> stream = np.concatenate([rng.random(1_000) < 0.05, rng.random(300) < 0.45])
    >>> [found] = changes(stream, 0.05, 3_000)
    >>> 980 <= found.start <= 1_010, found.alarm < 1_060, found.over is None
    (True, True, True)
    """
    limit, found = limit_of(leads_per_year), []
    seen = count = PRIOR_LEADS
    seen *= usual
    height, start, since = 0.0, 0, (0.0, 0.0)
    place, size = 0, len(junk)
    while place < size:
        one = float(junk[place])
        if place < LEARNING_LEADS:
            seen, count, place = seen + one, count + 1, place + 1
            continue
        base = _raised(seen / count, count)
        if height == 0.0:
            start, since = place, (0.0, 0.0)
        height = max(0.0, height + _ratio(one, base))
        since = (since[0] + one, since[1] + 1)
        if height == 0.0:  # nothing came of it: all of these leads were usual ones
            seen, count = seen + since[0], count + since[1]
        if height >= limit:
            over = _fallen(junk, place, base, since[0] / since[1], limit)
            ends = size if over is None else over
            found.append(JunkRise(start, place, seen / count, float(junk[start:ends].mean()), over))
            place, height = ends, 0.0
            continue
        place += 1
    return found


def _raised(share: float, count: float) -> float:
    """Return the usual share with what it may lie above its estimate."""
    spread = math.sqrt(max(share * (1.0 - share), 1e-4) / count)
    return min(max(share + _UNCERTAINTY * spread, _LEAST), _MOST)


def _ratio(one: float, base: float) -> float:
    """Return the log of the mean likelihood ratio of one lead over the shares above the usual one."""
    risen = [min(base * rise, 0.5 * (1.0 + base)) for rise in _RISES]
    likely = [share / base if one else (1.0 - share) / (1.0 - base) for share in risen]
    return math.log(sum(likely) / len(likely))


def _fallen(junk: Flags, alarm: int, base: float, risen: float, limit: float) -> int | None:
    """Return the lead at which the share has fallen back below half way, by the same kind of sum, or None."""
    level = max(risen, 1.2 * base)
    up, down = math.log(base / level), math.log((1.0 - base) / (1.0 - level)) if level < 1.0 else 5.0
    height = 0.0
    for place in range(alarm + 1, len(junk)):
        height = max(0.0, height + (up if junk[place] else down))
        if height >= limit:
            return place
    return None


@dataclass(frozen=True)
class JunkAlarm:
    """A rise that stands, in words of the business.

    Attributes
    ----------
    channel, campaign
        Where; the campaign is the one that brought most of the new junk, empty where none did.
    since, seconds
        Time of the first lead after the change, and of the alarm (both in seconds since 1970).
    leads, junk
        Leads since then, and those of them that look like junk.
    before, after, low, high
        Share of junk before and after, the latter with its 95 % interval (Wilson).
    credited
        What counting forms alone would have credited to that junk: junk x the mean predicted value of the
        channel's other leads.
    wasted
        What sales would have spent on it: junk x touch cost.
    """

    channel: str
    campaign: str
    since: float
    seconds: float
    leads: int
    junk: int
    before: float
    after: float
    low: float
    high: float
    credited: float
    wasted: float

    @property
    def at_risk(self) -> float:
        """Money at risk: credited + wasted, in the currency of the values."""
        return self.credited + self.wasted


@dataclass(frozen=True)
class Stream:
    """The leads of some channels in order of time, arrays of shape (n,).

    Channels and campaigns are text of visitors in arrays of objects. NumPy's own text arrays give every row the
    room of the longest text, so none is made of them.
    """

    seconds: Vector
    channel: NDArray[np.object_]
    campaign: NDArray[np.object_]
    junk: Flags
    value: Vector


def alarms(stream: Stream, touch_cost: float) -> list[JunkAlarm]:
    """Return the rises that stand now, the costliest first.

    Parameters
    ----------
    stream
        All leads of the period that is looked at.
    touch_cost
        What one touch by sales costs.
    """
    if not len(stream.junk):
        return []
    usual = float(stream.junk.mean())
    names, codes = np.unique(stream.channel, return_inverse=True)
    standing = [
        _standing(stream, str(name), np.flatnonzero(codes == code), usual, touch_cost)
        for code, name in enumerate(names)
    ]
    return sorted((alarm for alarm in standing if alarm), key=lambda alarm: -alarm.at_risk)


def _standing(
    stream: Stream, channel: str, rows: NDArray[np.intp], usual: float, touch_cost: float
) -> JunkAlarm | None:
    days = max((stream.seconds[rows[-1]] - stream.seconds[rows[0]]) / _DAY, 1.0)
    found = changes(stream.junk[rows], usual, 365.0 * len(rows) / days)
    if not found or found[-1].over is not None:
        return None
    change = found[-1]
    since = rows[change.start :]
    junk = stream.junk[since]
    genuine = stream.value[rows][~stream.junk[rows]]
    worth = float(genuine.mean()) if len(genuine) else 0.0
    low, high = wilson(int(junk.sum()), len(junk))
    return JunkAlarm(
        channel=channel,
        campaign=_driver(stream.campaign[rows[: change.start]], stream.campaign[since], junk),
        since=float(stream.seconds[since[0]]),
        seconds=float(stream.seconds[rows[change.alarm]]),
        leads=len(junk),
        junk=int(junk.sum()),
        before=change.before,
        after=float(junk.mean()),
        low=low,
        high=high,
        credited=worth * float(junk.sum()),
        wasted=touch_cost * float(junk.sum()),
    )


def _driver(before: NDArray[np.object_], after: NDArray[np.object_], junk: Flags) -> str:
    """Return the campaign that most of the junk since the change comes from, if it is more than its usual share."""
    bad = after[junk]
    if not len(bad):
        return ""
    names, counts = np.unique(bad, return_counts=True)
    name, share = str(names[counts.argmax()]), counts.max() / len(bad)
    usual = float((before == name).mean()) if len(before) else 0.0
    return name if share > 0.5 or share > 1.5 * usual else ""


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927).

    Examples
    --------
    >>> [round(end, 3) for end in wilson(9, 20)]
    [0.258, 0.658]
    """
    if trials == 0:
        return 0.0, 1.0
    z, share = 1.959964, hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return middle - half, middle + half
