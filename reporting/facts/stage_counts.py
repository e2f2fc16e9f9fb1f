"""Counts of the time from stage to stage, in logarithmic bins, from the moments of single leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadworth.arrays import Vector
from reporting.statistics.log_bins import bin_of_minutes
from store.lead_rollups import spans
from store.report_scope import ReportScope
from store.stage_bins import Bin, Moments, replace_stages, stage_counts, stage_moments

if TYPE_CHECKING:
    from sqlalchemy import Connection

STAGES = (("mql_sql", 0, 1), ("sql_quote", 1, 2), ("quote_close", 2, 3))
"""Name of a stage, and the moments that it begins and ends with."""
_LOST = 4
_REACHED, _LOST_BEFORE, _LOST_AGE, _OPEN = range(4)


def rewrite_stages(connection: Connection, days: Collection[str], now: datetime) -> int:
    """Count the times from stage to stage of the MQLs of some days again; return how many rows were written.

    Parameters
    ----------
    connection
        In a transaction.
    days
        ISO 8601 dates of submit; short gaps between them are counted too.
    now
        Timezone-aware end of the observation.
    """
    written = 0
    for first, last in spans(days):
        counts = stage_bin_counts(stage_moments(connection, ReportScope(), first, last), now)
        inside = [str(first + timedelta(days=number)) for number in range((last - first).days + 1)]
        written += replace_stages(connection, inside, counts)
    return written


def read_stages(
    connection: Connection, scope: ReportScope, first: date, last: date, now: datetime
) -> dict[str, dict[int, tuple[int, ...]]]:
    """Return stage -> bin -> counts of the MQLs of a range of days, for any filter.

    Parameters
    ----------
    connection
        Connection to the store.
    scope
        Filters; one of campaigns or countries reads single leads, any other the rollup.
    first, last
        Days of submit, both included.
    now
        Timezone-aware end of the observation of single leads; that of the rollup is its refresh.
    """
    if not scope.campaigns and not scope.countries:
        return stage_counts(connection, scope, first, last)
    found: dict[str, dict[int, tuple[int, ...]]] = defaultdict(dict)
    counts = stage_bin_counts(stage_moments(connection, scope, first, last), now)
    for (_, _, stage, number), of_bin in counts.items():
        known = found[stage].get(number, (0,) * len(of_bin))
        found[stage][number] = tuple(old + new for old, new in zip(known, of_bin, strict=True))
    return dict(found)


def stage_bin_counts(moments: Sequence[Moments], now: datetime) -> dict[Bin, list[int]]:
    """Return the counts of each bin, as `store.stage_bins` has them.

    Parameters
    ----------
    moments
        Of MQLs.
    now
        Timezone-aware end of the observation.
    """
    seconds = seconds_of([row[2:] for row in moments])
    counts: dict[Bin, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for name, begin, end in STAGES:
        started = np.flatnonzero(~np.isnan(seconds[begin]))
        times = seconds[:, started]
        reached, lost = ~np.isnan(times[end]), ~np.isnan(times[_LOST])
        age = _bins(now.timestamp() - times[begin])
        ends = np.where(reached, times[end], np.where(lost, times[_LOST], now.timestamp()))
        exits = _bins(ends - times[begin])
        for place, exit_bin, age_bin, is_reached, is_lost in zip(
            started.tolist(), exits.tolist(), age.tolist(), reached.tolist(), lost.tolist(), strict=True
        ):
            day, channel = moments[place][:2]
            kind = _REACHED if is_reached else _LOST_BEFORE if is_lost else _OPEN
            counts[day, channel, name, exit_bin][kind] += 1
            if kind == _LOST_BEFORE:
                counts[day, channel, name, age_bin][_LOST_AGE] += 1
    return dict(counts)


def _bins(seconds: Vector) -> NDArray[np.int64]:
    return bin_of_minutes(np.maximum(seconds, 0.0) / 60.0)


def seconds_of(moments: Sequence[Sequence[str | None]]) -> NDArray[np.float64]:
    """Return stored times in seconds since 1970, nan where there is none, with a row for each of the five moments.

    Examples
    --------
    >>> seconds_of([("1970-01-01T00:01:00.000000+00:00", None, None, None, None)])[:2].tolist()
    [[60.0], [nan]]
    """
    result = np.full((_LOST + 1, len(moments)), np.nan)
    for stage, times in enumerate(zip(*moments, strict=True)):
        there = [number for number, at in enumerate(times) if at is not None]
        texts = [times[number][:26] for number in there]
        result[stage, there] = np.array(texts, dtype="datetime64[us]").astype(np.int64) / 1e6
    return result
