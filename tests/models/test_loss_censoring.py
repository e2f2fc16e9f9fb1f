"""Loss censoring: product-limit curves of leads that do not win."""

from __future__ import annotations

import numpy as np
import pytest

from models.loss_censoring import FLOOR, ClosingTimes, LossCensoring, OpenShareCurve, fit_closing, fit_curve


def closed_leads(rows: int = 20_000, share: float = 0.6, days: float = 40.0, seed: int = 1) -> ClosingTimes:
    rng = np.random.default_rng(seed)
    age, at = rng.uniform(0.0, 365.0, rows), rng.exponential(days, rows)
    closed = (rng.random(rows) < share) & (at <= age)
    return ClosingTimes(age, closed, np.where(closed, at, np.nan))


def together(*parts: ClosingTimes) -> ClosingTimes:
    return ClosingTimes(*(np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])))


def test_share_still_open_is_recovered() -> None:
    ends = closed_leads()
    days = np.array([0.0, 20.0, 60.0, 300.0])
    expected = 1.0 - 0.6 * (1.0 - np.exp(-days / 40.0))
    np.testing.assert_allclose(fit_curve(ends, np.ones(20_000)).at(days), expected, atol=0.03)


def test_winners_among_the_open_leads_do_not_count() -> None:
    ends = closed_leads()
    still = ~ends.closed
    more = together(ends, ClosingTimes(ends.age_days[still], ends.closed[still], ends.closed_days[still]))
    half = np.concatenate([np.where(ends.closed, 1.0, 0.5), np.full(still.sum(), 0.5)])
    days = np.array([50.0, 200.0])
    np.testing.assert_allclose(fit_curve(more, half).at(days), fit_curve(ends, np.ones(20_000)).at(days), atol=1e-9)


def test_junk_and_genuine_leads_have_their_own_curves() -> None:
    quick, slow = closed_leads(share=0.9, days=5.0), closed_leads(share=0.4, days=80.0, seed=2)
    junk = np.repeat([1.0, 0.0], 20_000)
    odds = np.random.default_rng(0).normal(-3.0, 1.0, 40_000)
    closing = fit_closing(together(quick, slow), np.ones(40_000), junk, odds)
    age, rare = np.full(1, 30.0), np.full(1, -9.0)
    of_junk, of_rest = 1.0 - 0.9 * (1.0 - np.exp(-6.0)), 1.0 - 0.4 * (1.0 - np.exp(-30.0 / 80.0))
    assert closing.loser_open(age, np.ones(1), rare)[0] == pytest.approx(of_junk, abs=0.03)
    assert closing.loser_open(age, np.zeros(1), rare)[0] == pytest.approx(of_rest, abs=0.03)
    assert closing.loser_open(age, np.full(1, 0.25), rare)[0] == pytest.approx(
        0.25 * of_junk + 0.75 * of_rest, abs=0.03
    )


def test_losers_with_high_win_probability_have_their_own_curve() -> None:
    quick, slow = closed_leads(share=0.8), closed_leads(share=0.2, seed=2)
    odds = np.repeat([1.0, -5.0], 20_000) + np.random.default_rng(0).normal(0.0, 0.1, 40_000)
    closing = fit_closing(together(quick, slow), np.ones(40_000), np.zeros(40_000), odds)
    age = np.full(2, 200.0)
    promising, poor = closing.loser_open(age, np.zeros(2), np.array([1.0, -5.0]))
    assert promising == pytest.approx(0.2, abs=0.04)
    assert poor == pytest.approx(0.8, abs=0.04)


def test_closings_without_a_date_get_a_median_age() -> None:
    ends = closed_leads()
    undated = ClosingTimes(ends.age_days, ends.closed, np.full(20_000, np.nan))
    assert fit_curve(undated, np.ones(20_000)).at(np.array([365.0]))[0] == pytest.approx(0.4, abs=0.12)


def test_nothing_closed_leaves_all_open() -> None:
    none = ClosingTimes(np.full(10, 50.0), np.zeros(10, dtype=bool), np.full(10, np.nan))
    assert fit_curve(none, np.ones(10)) == OpenShareCurve()
    closing = fit_closing(none, np.ones(10), np.zeros(10), np.zeros(10))
    assert closing.loser_open(np.full(1, 400.0), np.zeros(1), np.zeros(1)) == 1.0
    assert LossCensoring().loser_open(np.array([np.nan]), np.ones(1), np.zeros(1)) == 1.0


def test_open_share_never_reaches_zero() -> None:
    every = ClosingTimes(np.full(200, 300.0), np.ones(200, dtype=bool), np.linspace(1.0, 200.0, 200))
    assert min(fit_curve(every, np.ones(200)).share) == FLOOR
