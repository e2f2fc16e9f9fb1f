"""Visible share against closed forms and a simulation."""

from __future__ import annotations

import numpy as np

from training.outcome_maturity import OutcomeMaturity


def test_without_truncation_it_is_the_empirical_distribution() -> None:
    rng = np.random.default_rng(1)
    delays = rng.gamma(2, 30, 500)
    curve = OutcomeMaturity.fit(delays, np.full(500, 1e6))
    at = np.quantile(delays, [0.1, 0.5, 0.9])
    np.testing.assert_allclose(curve.at(at), [(delays <= day).mean() for day in at], atol=1e-9)


def test_truncation_is_corrected() -> None:
    rng = np.random.default_rng(2)
    delays, ages = rng.exponential(60, 40_000), rng.uniform(0, 400, 40_000)
    seen = delays <= ages
    curve = OutcomeMaturity.fit(delays[seen], ages[seen])
    days = np.array([20.0, 60.0, 150.0])
    truth = (1 - np.exp(-days / 60)) / (1 - np.exp(-400 / 60))
    np.testing.assert_allclose(curve.at(days), truth, atol=0.02)
    naive = np.array([(delays[seen] <= day).mean() for day in days])
    assert np.abs(naive - truth).max() > 0.05


def test_weights_count_as_repeated_wins() -> None:
    delays, ages, weight = np.array([5.0, 20.0, 40.0]), np.array([50.0, 60.0, 70.0]), np.array([1.0, 3.0, 2.0])
    repeated = np.repeat(np.arange(3), weight.astype(int))
    days = np.array([4.0, 5.0, 25.0, 41.0])
    np.testing.assert_allclose(
        OutcomeMaturity.fit(delays, ages, weight).at(days),
        OutcomeMaturity.fit(delays[repeated], ages[repeated]).at(days),
    )


def test_unknown_age_and_no_wins_mean_everything_is_visible() -> None:
    assert OutcomeMaturity.fit(np.empty(0), np.empty(0)).at(np.array([0.0, np.nan])).tolist() == [1.0, 1.0]
