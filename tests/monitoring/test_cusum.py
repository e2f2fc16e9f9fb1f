"""CUSUM detector: floods are detected early, false alarms are rare, updates equal a pass over the whole stream."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring import cusum
from monitoring.cusum import Cusum, alarm_limit


@dataclass
class Rise:
    start: int
    alarm: int
    before: float
    over: int | None


def online(stream: Sequence[bool], usual: float, per_year: float) -> list[Rise]:
    """Return the rises that a detector reports, updated one observation at a time."""
    detector, rises, limit = Cusum(), [], alarm_limit(per_year)
    for position, hit in enumerate(stream):
        previous = detector.alarm
        detector.update(bool(hit), usual, limit)
        if previous is not None and detector.alarm != previous:
            rises[-1].over = position
        if detector.alarm is not None and detector.alarm != previous:
            assert detector.start is not None
            rises.append(Rise(detector.start, detector.alarm, detector.usual_share, None))
    return rises


def batch(stream: Sequence[bool], usual: float, per_year: float) -> list[Rise]:
    """Return the rises of a stream by loops over the whole of it, with look-ahead for the end of each rise."""
    limit, rises, size = alarm_limit(per_year), [], len(stream)
    first = min(size, cusum.LEARNING_OBSERVATIONS)
    hits = cusum.PRIOR_OBSERVATIONS * usual + sum(stream[:first])
    count = cusum.PRIOR_OBSERVATIONS + first
    height, start, position = 0.0, first, first
    while position < size:
        base = cusum._upper_bound(hits / count, count)
        if height == 0.0:
            start = position
        height = max(0.0, height + cusum._log_ratio(stream[position], base))
        excursion = stream[start : position + 1]
        if height == 0.0:
            hits, count = hits + sum(excursion), count + len(excursion)
        if height >= limit:
            over = _end(stream, position, base, sum(excursion) / len(excursion), limit)
            rises.append(Rise(start, position, hits / count, over))
            position, height = size if over is None else over, 0.0
            continue
        position += 1
    return rises


def _end(stream: Sequence[bool], alarm: int, base: float, risen: float, limit: float) -> int | None:
    level, height = max(risen, 1.2 * base), 0.0
    genuine = math.log((1.0 - base) / (1.0 - level)) if level < 1.0 else 5.0
    for position in range(alarm + 1, len(stream)):
        height = max(0.0, height + (math.log(base / level) if stream[position] else genuine))
        if height >= limit:
            return position
    return None


@st.composite
def streams(draw: st.DrawFn) -> list[bool]:
    """Streams whose share changes several times."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    shares = draw(st.lists(st.sampled_from([0.0, 0.02, 0.1, 0.4, 0.9, 1.0]), min_size=1, max_size=5))
    parts = [rng.random(int(rng.integers(0, 250))) < share for share in shares]
    return [bool(hit) for part in parts for hit in part]


@given(streams(), st.floats(0, 1), st.floats(1, 1e6))
@settings(max_examples=150, deadline=None)
def test_updates_equal_a_pass_over_the_whole_stream(stream: list[bool], usual: float, per_year: float) -> None:
    one_by_one, at_once = online(stream, usual, per_year), batch(stream, usual, per_year)
    places = [(rise.start, rise.alarm, rise.over) for rise in one_by_one]
    assert places == [(rise.start, rise.alarm, rise.over) for rise in at_once]
    assert [rise.before for rise in one_by_one] == pytest.approx([rise.before for rise in at_once])
    for rise in one_by_one:
        assert rise.start <= rise.alarm < len(stream)
        assert rise.over is None or rise.over > rise.alarm


@pytest.mark.parametrize("share", [0.02, 0.05, 0.15, 0.3])
def test_false_alarms_are_rare_where_nothing_changes(share: float) -> None:
    alarms = [len(online(np.random.default_rng(seed).random(3_000) < share, share, 3_000)) for seed in range(60)]
    assert np.mean(alarms) < 0.1


def test_a_flood_is_detected_within_a_few_dozen_observations() -> None:
    delays = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        stream = np.concatenate([rng.random(800) < 0.05, rng.random(150) < 0.45])
        delays.append(online(stream, 0.05, 3_000)[0].alarm - 799)
    assert max(delays) <= 150
    assert np.median(delays) < 40


def test_an_alarm_ends_where_the_share_falls_back() -> None:
    rng = np.random.default_rng(1)
    stream = np.concatenate([rng.random(800) < 0.05, rng.random(200) < 0.5, rng.random(600) < 0.05])
    [rise] = online(stream, 0.05, 3_000)
    assert rise.over is not None
    assert 1_000 < rise.over < 1_060
    assert rise.before == pytest.approx(0.05, abs=0.03)
    assert stream[rise.start : rise.over].mean() > 0.35


def test_one_hit_in_a_rare_stream_is_no_rise() -> None:
    stream = np.zeros(200, dtype=bool)
    stream[150] = True
    assert online(stream, 0.02, 100) == []


def test_more_observations_a_year_need_more_evidence() -> None:
    assert alarm_limit(10_000) > alarm_limit(1_000)
