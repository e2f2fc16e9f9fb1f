"""Aalen-Johansen: the example of the specification, closed forms without censoring or losses, and bins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.aalen_johansen import Exit, aalen_johansen
from reporting.statistics.kaplan_meier import kaplan_meier

DAYS = np.array([1, 2, 2, 3, 5, 8, 9, 12.0])
rows = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(list(Exit))), min_size=1, max_size=50)


def test_the_example_of_the_specification() -> None:
    exits = np.array([1, 1, 2, 1, 2, 1, 0, 0])
    assert aalen_johansen(DAYS, exits).at() == pytest.approx((0.5, 0.25, 0.25))


def test_censored_losses_would_overstate_the_share() -> None:
    reached = np.array([1, 1, 0, 1, 0, 1, 0, 0], dtype=bool)
    assert 1.0 - kaplan_meier(DAYS, reached).at(12.0) == pytest.approx(0.6)


@given(rows=rows)
def test_the_shares_add_up_to_the_kaplan_meier_of_any_exit(rows: list[tuple[int, Exit]]) -> None:
    times, exits = np.array([time for time, _ in rows], dtype=float), np.array([end for _, end in rows])
    shares, left = aalen_johansen(times, exits), kaplan_meier(times, exits != Exit.OPEN)
    for time in range(42):
        reached, lost, still_open = shares.at(float(time))
        assert still_open == pytest.approx(left.at(float(time)), abs=1e-9)
        assert reached + lost + still_open == pytest.approx(1.0)


@given(rows=rows)
def test_without_open_leads_the_shares_are_those_of_a_count(rows: list[tuple[int, Exit]]) -> None:
    closed = [(time, end) for time, end in rows if end is not Exit.OPEN]
    if not closed:
        return
    times, exits = np.array([time for time, _ in closed], dtype=float), np.array([end for _, end in closed])
    reached, lost, still_open = aalen_johansen(times, exits).at()
    assert reached == pytest.approx(float(np.mean(exits == Exit.REACHED)))
    assert lost == pytest.approx(float(np.mean(exits == Exit.LOST)))
    assert still_open == pytest.approx(0.0, abs=1e-9)


def test_nobody_has_reached_anything() -> None:
    assert aalen_johansen(np.zeros(0), np.zeros(0, dtype=np.int64)).at() == (0.0, 0.0, 1.0)


@given(rows=rows, counts=st.lists(st.integers(1, 4), min_size=50, max_size=50))
def test_counts_are_leads(rows: list[tuple[int, Exit]], counts: list[int]) -> None:
    times, exits = np.array([time for time, _ in rows], dtype=float), np.array([end for _, end in rows])
    leads = np.array(counts[: len(rows)])
    shares, each = aalen_johansen(times, exits, leads), aalen_johansen(np.repeat(times, leads), np.repeat(exits, leads))
    curve = kaplan_meier(times, exits == Exit.REACHED, leads)
    of_each = kaplan_meier(np.repeat(times, leads), np.repeat(exits == Exit.REACHED, leads))
    for ours, theirs in ((shares.times, each.times), (shares.reached, each.reached), (shares.lost, each.lost)):
        assert ours.tolist() == theirs.tolist()
    assert (curve.times.tolist(), curve.waiting.tolist()) == (of_each.times.tolist(), of_each.waiting.tolist())
