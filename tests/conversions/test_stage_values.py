"""Stage values preserve the total value at every age."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from conversions.stage_values import AGES, StageHistory, StageValues


def past(seed: int = 1, rows: int = 30_000) -> StageHistory:
    """Return simulated leads whose large deals close late; won leads and a fifth of the others are qualified before."""
    rng = np.random.default_rng(seed)
    expected_revenue = 1_000 * np.exp(rng.normal(0, 1, rows))
    win = 1 / (1 + np.exp(-rng.normal(-2, 1, rows)))
    won = rng.random(rows) < win
    delay = 20 * (expected_revenue / 1_000) ** 0.5 * np.exp(rng.normal(0, 0.7, rows))
    qualified = np.where(won | (rng.random(rows) < 0.2), delay * rng.uniform(0.1, 0.6, rows), np.inf)
    lost = np.where(~won & (rng.random(rows) < 0.5), rng.exponential(60, rows) + 5, np.inf)
    return StageHistory(
        win=win,
        expected_revenue=expected_revenue,
        revenue=np.where(won, expected_revenue * np.exp(rng.normal(0, 0.2, rows)), np.nan),
        won=won,
        age_days=np.full(rows, 900.0),
        qualified_days=qualified,
        closed_days=np.where(won, delay, lost),
        other_win=np.zeros(rows, dtype=bool),
    )


def at(leads: StageHistory, age: float) -> tuple[StageHistory, np.ndarray]:
    """Return the leads as of an age, and the value of those closed by then (nan: open)."""
    rows = len(leads.win)
    seen = StageHistory(
        leads.win,
        leads.expected_revenue,
        np.full(rows, np.nan),
        np.zeros(rows, dtype=bool),
        np.full(rows, age),
        np.where(leads.qualified_days <= age, leads.qualified_days, np.inf),
        np.full(rows, np.inf),
        np.zeros(rows, dtype=bool),
    )
    closed = leads.closed_days <= age
    return seen, np.where(closed, np.where(leads.won, leads.revenue, 0.0), np.nan)


@pytest.mark.parametrize("age", [1.0, 10.0, 30.0, 60.0, 120.0])
def test_total_value_is_preserved_at_every_age_forward_in_time(age: float) -> None:
    learned = StageValues.learn(past(seed=1))
    later = past(seed=2)
    seen, closed = at(later, age)
    expected_revenue = np.where(np.isnan(closed), learned.value(seen), closed)
    first = (later.win * later.expected_revenue).sum()
    assert abs(expected_revenue.sum() / first - 1) < 0.05


def test_qualification_raises_a_value_and_time_without_it_lowers_it() -> None:
    learned = StageValues.learn(past())
    month = AGES.index(30.0)
    assert learned.qualified.shift[month] > 0.3
    assert learned.open.shift[month] < -0.3


def test_few_leads_give_no_shift() -> None:
    few = past(rows=40)
    learned = StageValues.learn(few)
    assert set(learned.open.shift) == {0.0}
    seen, _ = at(few, 30.0)
    assert learned.value(seen) == pytest.approx(few.win * few.expected_revenue)


def test_leads_whose_decision_another_lead_won_teach_nothing() -> None:
    leads = past()
    half = np.arange(len(leads.win)) % 2 == 0
    arrays = {field.name: getattr(leads, field.name) for field in fields(StageHistory)}
    marked = StageHistory(**arrays | {"other_win": half & ~leads.won})
    kept = ~marked.other_win
    alone = StageHistory(**{name: values[kept] for name, values in arrays.items()})
    learned, expected = StageValues.learn(marked), StageValues.learn(alone)
    assert np.array_equal(learned.open.shift, expected.open.shift)
    assert np.array_equal(learned.qualified.factor, expected.qualified.factor)


def test_the_value_is_that_of_the_present_win_probability() -> None:
    leads = past(seed=2, rows=2_000)
    values = StageValues.learn(past())
    curves = (replace(values.open, factor=np.ones(len(AGES))), replace(values.qualified, factor=np.ones(len(AGES))))
    plain = StageValues(*curves)
    assert plain.value(leads) == pytest.approx(values.win_probability(leads) * leads.expected_revenue)
