"""When losers are closed, by the product-limit method."""

from __future__ import annotations

import numpy as np
import pytest

from models.closing import FLOOR, Closing, fit_closing


def closed_leads(rows: int = 20_000) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(1)
    age, at = rng.uniform(0.0, 365.0, rows), rng.exponential(40.0, rows)
    closed = (rng.random(rows) < 0.6) & (at <= age)
    return age, closed, np.where(closed, at, np.nan), np.ones(rows)


def test_share_still_open_is_recovered() -> None:
    age, closed, at, weight = closed_leads()
    closing = fit_closing(age, closed, at, weight)
    asked = np.array([0.0, 20.0, 60.0, 300.0])
    expected = 1.0 - 0.6 * (1.0 - np.exp(-asked / 40.0))
    np.testing.assert_allclose(closing.still_open(asked), expected, atol=0.03)


def test_winners_among_the_open_leads_do_not_count() -> None:
    age, closed, at, weight = closed_leads()
    doubled = [np.concatenate([part, part[~closed]]) for part in (age, closed, at)]
    half = np.concatenate([np.where(closed, weight, 0.5), np.full((~closed).sum(), 0.5)])
    np.testing.assert_allclose(
        fit_closing(*doubled, half).still_open(np.array([50.0, 200.0])),
        fit_closing(age, closed, at, weight).still_open(np.array([50.0, 200.0])),
        atol=1e-9,
    )


def test_closings_without_a_date_count_between() -> None:
    age, closed, at, weight = closed_leads()
    undated = fit_closing(age, closed, np.full(len(at), np.nan), weight)
    assert undated.still_open(np.array([365.0]))[0] == pytest.approx(0.4, abs=0.12)


def test_nothing_closed_leaves_all_open() -> None:
    none = np.zeros(10, dtype=bool)
    closing = fit_closing(np.full(10, 50.0), none, np.full(10, np.nan), np.ones(10))
    assert closing == Closing()


def test_open_share_never_reaches_zero() -> None:
    every = np.ones(200, dtype=bool)
    closing = fit_closing(np.full(200, 300.0), every, np.linspace(1.0, 200.0, 200), np.ones(200))
    assert min(closing.open_share) == FLOOR
