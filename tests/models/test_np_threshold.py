"""Neyman-Pearson threshold: the false-positive guarantee holds, and is refused with too few buyers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from models.np_threshold import NeymanPearsonThreshold, Threshold, buyers_needed, feasible_alpha, threshold


@pytest.mark.parametrize(("alpha", "n"), [(0.005, 600), (0.005, 1_500), (0.01, 299), (0.05, 1_000)])
def test_guarantee_holds_where_the_quantile_violates_it(alpha: float, n: int) -> None:
    """Scores are uniform, so the share of buyers above a threshold t is 1 - t, for any distribution."""
    rng = np.random.default_rng(1)
    draws = rng.random((2_000, n))
    thresholds = [threshold(draw, alpha, 0.05) for draw in draws]
    violations = np.mean([1.0 - fitted.log_odds > alpha for fitted in thresholds if fitted])
    naive = np.mean(1.0 - np.quantile(draws, 1.0 - alpha, axis=1) > alpha)
    assert violations <= 0.065
    assert naive > 0.2


@settings(max_examples=40)
@given(st.integers(1, 4_000), st.sampled_from([0.002, 0.005, 0.01, 0.1]), st.sampled_from([0.01, 0.05, 0.2]))
def test_the_rank_is_the_smallest_with_the_guarantee(n: int, alpha: float, delta: float) -> None:
    fitted = threshold(np.arange(float(n)), alpha, delta)
    assert (fitted is None) == (n < buyers_needed(alpha, delta))
    if fitted is not None:
        assert fitted.n == n
        assert fitted.log_odds == fitted.k - 1
        assert binom.sf(fitted.k - 1, n, 1 - alpha) <= delta
        assert fitted.k == 1 or binom.sf(fitted.k - 2, n, 1 - alpha) > delta


@given(st.sampled_from([0.001, 0.005, 0.02]), st.sampled_from([0.01, 0.05]))
def test_buyers_needed_and_feasible_alpha_are_inverse(alpha: float, delta: float) -> None:
    needed = buyers_needed(alpha, delta)
    assert feasible_alpha(needed, delta) <= alpha < feasible_alpha(needed - 1, delta)
    assert feasible_alpha(0, delta) == 1.0


def test_channels_with_enough_buyers_have_their_own_threshold() -> None:
    rng = np.random.default_rng(0)
    scores = np.concatenate([rng.normal(0, 1, 700), rng.normal(3, 1, 700), rng.normal(0, 1, 50)])
    channel = np.repeat([0.0, 1.0, 2.0], [700, 700, 50])
    fitted = NeymanPearsonThreshold.fit(scores, channel, 0.005, 0.05)
    assert set(fitted.groups) == {0, 1}
    assert fitted.groups[1].log_odds > fitted.groups[0].log_odds + 2
    codes = np.array([0.0, 1.0, 2.0, np.nan])
    own = [fitted.groups[0], fitted.groups[1], fitted.overall, fitted.overall]
    assert [fitted.thresholds[index] for index in fitted.positions(codes, 4)] == own
    assert fitted.limits(codes, 4).tolist() == [limit.log_odds for limit in own if limit is not None]
    assert fitted.limits(None, 2).tolist() == [fitted.overall.log_odds] * 2 if fitted.overall else []


def test_with_too_few_buyers_nothing_is_rejected() -> None:
    fitted = NeymanPearsonThreshold.fit(np.arange(100.0), None, 0.005, 0.05)
    assert fitted.overall is None
    assert np.isinf(fitted.limits(None, 3)).all()
    assert "100 confirmed buyers, 598 are needed (feasible now: 2.95%)" in str(fitted)


def test_json_round_trip() -> None:
    fitted = NeymanPearsonThreshold(0.005, 0.05, 700, Threshold(1.5, 700, 699), {3: Threshold(2.0, 600, 600)})
    assert NeymanPearsonThreshold.from_dict(fitted.to_dict()) == fitted
    assert "1 channels with their own threshold" in str(fitted)
