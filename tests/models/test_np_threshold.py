"""The promise about buyers: kept as often as it says, refused where it cannot be given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from models.guarantee import Guarantee, Threshold, buyers_needed, feasible_alpha, threshold


@pytest.mark.parametrize(("alpha", "n"), [(0.005, 600), (0.005, 1_500), (0.01, 299), (0.05, 1_000)])
def test_it_fails_no_more_often_than_promised_and_the_quantile_does(alpha: float, n: int) -> None:
    """Scores are uniform, so the share of buyers above a threshold t is 1 - t, whatever their true law."""
    rng = np.random.default_rng(1)
    draws = rng.random((2_000, n))
    kept = [threshold(draw, alpha, 0.05) for draw in draws]
    broken = np.mean([1.0 - one.log_odds > alpha for one in kept if one])
    naive = np.mean(1.0 - np.quantile(draws, 1.0 - alpha, axis=1) > alpha)
    assert broken <= 0.065
    assert naive > 0.2


@settings(max_examples=40)
@given(st.integers(1, 4_000), st.sampled_from([0.002, 0.005, 0.01, 0.1]), st.sampled_from([0.01, 0.05, 0.2]))
def test_the_rank_is_the_smallest_that_keeps_the_promise(n: int, alpha: float, delta: float) -> None:
    found = threshold(np.arange(float(n)), alpha, delta)
    assert (found is None) == (n < buyers_needed(alpha, delta))
    if found is not None:
        assert found.n == n
        assert found.log_odds == found.k - 1
        assert binom.sf(found.k - 1, n, 1 - alpha) <= delta
        assert found.k == 1 or binom.sf(found.k - 2, n, 1 - alpha) > delta


@given(st.sampled_from([0.001, 0.005, 0.02]), st.sampled_from([0.01, 0.05]))
def test_what_is_needed_is_what_makes_it_feasible(alpha: float, delta: float) -> None:
    needed = buyers_needed(alpha, delta)
    assert feasible_alpha(needed, delta) <= alpha < feasible_alpha(needed - 1, delta)
    assert feasible_alpha(0, delta) == 1.0


def test_channels_with_buyers_enough_have_their_own() -> None:
    rng = np.random.default_rng(0)
    scores = np.concatenate([rng.normal(0, 1, 700), rng.normal(3, 1, 700), rng.normal(0, 1, 50)])
    channel = np.repeat([0.0, 1.0, 2.0], [700, 700, 50])
    found = Guarantee.fit(scores, channel, 0.005, 0.05)
    assert set(found.groups) == {0, 1}
    assert found.groups[1].log_odds > found.groups[0].log_odds + 2
    codes = np.array([0.0, 1.0, 2.0, np.nan])
    own = [found.groups[0], found.groups[1], found.overall, found.overall]
    assert [found.thresholds[place] for place in found.positions(codes, 4)] == own
    assert found.limits(codes, 4).tolist() == [one.log_odds for one in own if one is not None]
    assert found.limits(None, 2).tolist() == [found.overall.log_odds] * 2 if found.overall else []


def test_without_buyers_nothing_is_rejected_and_what_is_missing_is_said() -> None:
    found = Guarantee.fit(np.arange(100.0), None, 0.005, 0.05)
    assert found.overall is None
    assert np.isinf(found.limits(None, 3)).all()
    assert "100 confirmed buyers, 598 are needed (feasible now: 2.95%)" in str(found)


def test_it_survives_json() -> None:
    found = Guarantee(0.005, 0.05, 700, Threshold(1.5, 700, 699), {3: Threshold(2.0, 600, 600)})
    assert Guarantee.from_dict(found.to_dict()) == found
    assert "1 channels with their own threshold" in str(found)
