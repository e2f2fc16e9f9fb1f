"""Learning: late outcomes, few data, determinism."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from features.spec import FeatureSpec, fit_spec
from leadworth.errors import TrainingError
from leadworth.settings import Settings
from models.base import sigmoid
from models.junk import Junk
from models.scorecard import Scorecard
from training.fit import learn

SETTINGS = Settings(currency="EUR", leads={"path": "leads.csv"}, horizon_days=365)


@dataclass
class History:
    spec: FeatureSpec
    matrix: np.ndarray
    labels: pd.DataFrame
    chance: np.ndarray


def history(rows: int = 3000, seed: int = 0, days: float = 500.0) -> History:
    """Return leads of the last `days` days; every third loser is closed, large deals are slow."""
    rng = np.random.default_rng(seed)
    source = rng.choice(["google", "fair", "linkedin"], rows)
    visits, spam = rng.normal(size=rows), rng.random(rows) < 0.2
    leads = pd.DataFrame({"lead_id": [str(i) for i in range(rows)]}, dtype="str")
    leads["source"] = pd.Series(source, dtype="str")
    leads["extras.visits"], leads["extras.odd"] = visits, 2.0 * spam + rng.normal(size=rows)
    chance = sigmoid(visits - 1.0 + (source == "fair")) * ~spam
    size = 7.0 + 0.5 * visits + rng.normal(0.0, 0.8, rows)
    delay = np.exp(4.0 + 0.4 * (size - 7.0)) * rng.weibull(1.3, rows)
    age, closing = rng.uniform(0.0, days, rows), rng.exponential(40.0, rows)
    winner = rng.random(rows) < chance
    won = winner & (delay <= np.minimum(age, 365.0))
    closed = ~winner & (rng.random(rows) < 0.33) & (closing <= age)
    lost = ~won & (closed | (age >= 365.0))
    labels = pd.DataFrame(
        {
            "state": np.select([won, lost], ["won", "lost"], "open"),
            "age_days": age,
            "delay_days": np.where(won, delay, np.nan),
            "closed_days": np.where(closed, closing, np.nan),
            "revenue": np.where(won, np.exp(size), np.nan),
            "disposition": np.select([won, spam & (rng.random(rows) < 0.5)], ["engaged", "junk"], "unknown"),
        }
    )
    spec = fit_spec(leads, {"visits": "numeric", "odd": "numeric"})
    return History(spec, spec.matrix(leads), labels, chance)


def test_late_outcomes_are_put_right() -> None:
    past = history(9000, days=400.0)
    worth, report = learn(past.matrix, past.spec, past.labels, SETTINGS, 7)
    said = worth.predict(past.matrix)
    assert report.lateness == "delay"
    assert said.win_probability.sum() / past.chance.sum() == pytest.approx(1.0, abs=0.07)
    assert past.labels["state"].eq("won").sum() / past.chance.sum() < 0.87
    assert np.corrcoef(said.win_probability, past.chance)[0, 1] > 0.85
    assert report.delay_size_slope is not None
    assert report.delay_size_slope > 0.2


def test_same_data_and_seed_give_the_same_files() -> None:
    past = history(1500)
    first, second = (learn(past.matrix, past.spec, past.labels, SETTINGS, 3)[0].files() for _ in range(2))
    assert first == second
    assert first != learn(past.matrix, past.spec, past.labels, SETTINGS, 4)[0].files()


def test_age_of_an_open_lead_is_conditioned_on_truthfully() -> None:
    past = history(9000, days=700.0)
    worth, _ = learn(past.matrix, past.spec, past.labels, SETTINGS, 7)
    fresh = history(20_000, seed=9, days=120.0)
    still = fresh.labels["state"].eq("open").to_numpy()
    said = worth.predict(fresh.matrix[still], fresh.labels["age_days"].to_numpy()[still])
    coming = fresh.chance.sum() - fresh.labels["state"].eq("won").sum()
    assert said.win_probability.sum() / coming == pytest.approx(1.0, abs=0.12)


def test_few_dated_wins_leave_the_mature_leads() -> None:
    past = history(2000, days=400.0)
    won = np.flatnonzero(past.labels["state"].eq("won"))
    past.labels.loc[won[20:], "delay_days"] = np.nan
    worth, report = learn(past.matrix, past.spec, past.labels, SETTINGS, 7)
    assert report.lateness == "mature"
    assert worth.delay is None
    assert any("20 dated wins" in note and "days and more only" in note for note in report.notes)
    naive = past.labels["state"].eq("won").sum()
    assert naive < 0.96 * worth.predict(past.matrix).win_probability.sum()


def test_no_wins_teach_nothing() -> None:
    past = history(1000)
    past.labels.loc[past.labels["state"].eq("won"), "state"] = "open"
    with pytest.raises(TrainingError, match="no lead is won"):
        learn(past.matrix, past.spec, past.labels, SETTINGS, 7)


def test_leads_without_any_date_are_final() -> None:
    past = history(1500)
    past.labels[["age_days", "delay_days", "closed_days"]] = np.nan
    past.labels["state"] = past.labels["state"].replace("open", "lost")
    worth, report = learn(past.matrix, past.spec, past.labels, SETTINGS, 7)
    assert report.lateness == "final"
    wins = past.labels["state"].eq("won").sum()
    assert worth.predict(past.matrix).win_probability.sum() == pytest.approx(wins, rel=0.12)


def test_no_revenue_means_values_are_wins() -> None:
    past = history(1500)
    past.labels["revenue"] = np.nan
    worth, report = learn(past.matrix, past.spec, past.labels, SETTINGS, 7)
    assert set(worth.predict(past.matrix).expected_revenue) == {1.0}
    assert any("values are wins, not money" in note for note in report.notes)


@pytest.mark.parametrize(("junk", "expected"), [(29, Scorecard), (40, Junk)])
def test_junk_needs_labels(junk: int, expected: type) -> None:
    past = history(1500)
    called = np.flatnonzero(past.labels["disposition"].eq("junk"))
    past.labels.loc[called[junk:], "disposition"] = "unknown"
    worth, report = learn(past.matrix, past.spec, past.labels, SETTINGS, 7)
    assert isinstance(worth.junk, expected)
    assert any("scorecard" in note for note in report.notes) == (expected is Scorecard)


@pytest.mark.parametrize("rows", [1, 2, 5, 40])
def test_a_handful_of_leads_still_learn(rows: int) -> None:
    past = history(rows)
    past.labels.loc[0, "state"] = "won"
    worth, report = learn(past.matrix, past.spec, past.labels, SETTINGS, 7)
    said = worth.predict(past.matrix)
    assert report.leads == rows
    for values in vars(said).values():
        assert np.isfinite(values).all()


def test_progress_names_the_steps() -> None:
    past = history(300)
    steps: list[str] = []
    learn(past.matrix, past.spec, past.labels, SETTINGS, 7, steps.append)
    assert steps[0] == "junk"
    assert "win probability" in steps


def test_no_features_are_refused() -> None:
    past = history(50)
    with pytest.raises(TrainingError, match="50 leads with 0 features"):
        learn(past.matrix[:, :0], past.spec, past.labels, SETTINGS, 7)
