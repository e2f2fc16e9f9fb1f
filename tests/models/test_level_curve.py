"""Level curve: steady drift, a break, and few data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from models.cure_model import CensoredOutcomes
from models.level_curve import KNOT_DAYS, Design, LevelCurve, fit_level
from models.log_odds import sigmoid
from models.time_to_win import DAYS_PER_YEAR


def fit_to(level: np.ndarray, years: np.ndarray, seed: int = 2) -> LevelCurve:
    """Fit the level of leads with final outcomes and a known level."""
    won = np.random.default_rng(seed).random(len(level)) < sigmoid(level)
    ones = np.ones(len(level))
    evidence = CensoredOutcomes(won, ~won, 0.0 * ones, ones, ones)
    return fit_level(evidence, np.arange(len(level)), 0.0 * ones, years)


def years_of(rows: int, most: float = 2.0) -> np.ndarray:
    return np.random.default_rng(3).uniform(0.0, most, rows)


def test_a_steady_drift_is_followed_to_the_newest_lead() -> None:
    years = years_of(40_000)
    level = fit_to(-1.0 + 0.4 * years, years)
    assert level.now == pytest.approx(-1.0, abs=0.1)
    np.testing.assert_allclose(level.at(np.linspace(0.0, 1.9, 20)), -1.0 + 0.4 * np.linspace(0.0, 1.9, 20), atol=0.15)


def test_one_break_long_ago_does_not_tilt_the_present() -> None:
    years = years_of(12_000, 1.6)
    truth = np.where(years > 1.2, 2.0, -2.5)
    level = fit_to(truth, years)
    assert level.now == pytest.approx(-2.5, abs=0.12)
    assert abs(level.per_year) < 0.3
    line = np.polynomial.polynomial.polyfit(years, truth, 1)
    assert line[0] < -3.5  # the level now of a straight line through the same history


def test_a_recent_step_is_seen_and_noise_is_not() -> None:
    years = years_of(40_000, 1.6)
    stepped = fit_to(np.where(years < 100 / 365.25, -1.0, -1.8), years)
    assert stepped.now > -1.25
    flat = fit_to(np.full(len(years), -1.8), years)
    assert max(map(abs, flat.steps)) < 0.1


def test_the_level_is_not_extrapolated() -> None:
    level = LevelCurve(-1.0, 0.5, (0.2, 0.1))
    np.testing.assert_array_equal(level.at(np.array([-0.5, 0.0])), [-1.0, -1.0])


def test_knots_are_days_before_the_newest_lead() -> None:
    knots = LevelCurve(-1.0, 0.0, (0.2, 0.1)).knots()
    assert [day for day, _ in knots] == [0.0, KNOT_DAYS, 2 * KNOT_DAYS]
    assert [level for _, level in knots] == pytest.approx([-1.0, -0.8, -0.7])


def test_few_leads_show_no_trend() -> None:
    won = np.array([True, False, False, False, True, False])
    ones = np.ones(6)
    level = fit_level(
        CensoredOutcomes(won, ~won, 0.0 * ones, ones, ones), np.arange(6), 0.0 * ones, np.linspace(0.0, 2.0, 6)
    )
    assert abs(level.per_year) < 0.2
    plain = fit_level(CensoredOutcomes(won, ~won, 0.0 * ones, ones, ones), np.arange(6), 0.0 * ones)
    assert plain.now == pytest.approx(np.log(0.5))
    assert plain.per_year == 0.0


def test_level_without_a_win_is_finite() -> None:
    none, ones = np.zeros(50, dtype=bool), np.ones(50)
    level = fit_level(CensoredOutcomes(none, ~none, ones, ones, ones), np.arange(50), 0.0 * ones, ones)
    assert -12.0 <= level.now < -3.0


def test_the_error_of_the_level_is_that_of_repetition() -> None:
    years = years_of(3_000, 1.6)
    fits = [fit_to(np.full(len(years), -1.8), years, seed) for seed in range(100, 140)]
    spread = float(np.std([fit.now for fit in fits]))
    assert np.mean([fit.error for fit in fits]) == pytest.approx(spread, rel=0.4)
    assert fits[0].error > fit_to(np.full(40_000, -1.8), years_of(40_000, 1.6)).error


@pytest.mark.parametrize("steps", [0, 1, 2, 18])
def test_products_with_the_design_are_those_with_its_matrix(steps: int) -> None:
    rng = np.random.default_rng(steps)
    years, values, weights = rng.uniform(-0.1, 2.3, 500), rng.normal(size=500), rng.random(500)
    walk = np.clip(np.maximum(years, 0.0) * DAYS_PER_YEAR / KNOT_DAYS - np.arange(steps)[:, None], 0.0, 1.0)
    matrix = np.vstack([np.ones(500), np.maximum(years, 0.0), walk])
    design, parameters = Design.of(years, steps), rng.normal(size=2 + steps)
    np.testing.assert_allclose(design.level(parameters), parameters @ matrix, atol=1e-12)
    np.testing.assert_allclose(design.product(values), matrix @ values, atol=1e-10)
    np.testing.assert_allclose(design.information(weights), (matrix * weights) @ matrix.T, atol=1e-10)


def test_the_mode_is_found_where_the_likelihood_is_not_concave() -> None:
    won, lost = np.arange(240) < 4, np.arange(240) >= 200
    ones = np.ones(240)
    evidence = CensoredOutcomes(won, lost, ones, 0.3 * ones, ones)
    assert evidence.observed_curvature(-2.0 * ones).sum() < 0
    best = minimize_scalar(lambda level: evidence.loss(level * ones), bounds=(-8.0, 8.0), method="bounded")
    level = fit_level(evidence, np.arange(240), 0.0 * ones)
    assert level.now == pytest.approx(best.x, abs=1e-3)
