"""Fit of the win probability: which leads are used, and tree count by early stopping."""

from __future__ import annotations

import numpy as np

from models.boosting import BoosterDataset
from models.cure_model import CensoredOutcomes
from tests.training.late_history import fit_history, history
from training.outcome_arrays import OutcomeArrays
from training.win_fit import WIN_SHAPE, early_stopped_shape, training_rows


def test_with_few_dated_wins_only_mature_leads_are_used() -> None:
    past = history(2000, days=400.0)
    won = np.flatnonzero(past.labels["state"].eq("won"))
    past.labels.loc[won[20:], "delay_days"] = np.nan
    value_model, report = fit_history(past)
    assert report.lateness == "mature"
    assert value_model.delay is None
    assert any("20 dated wins" in note and "trained only on" in note for note in report.notes)
    naive = past.labels["state"].eq("won").sum()
    assert naive < 0.96 * value_model.predict(past.matrix).win_probability.sum()


def test_all_leads_are_used_oldest_first_where_the_delay_is_modelled() -> None:
    outcomes = OutcomeArrays(history(1500).labels)
    rows, note = training_rows(outcomes, 365.0)
    assert note == ""
    assert sorted(rows) == list(range(1500))
    assert (np.diff(outcomes.age[rows]) <= 0).all()


def test_without_a_mature_win_and_recorded_losses_all_leads_are_used() -> None:
    labels = history(300, days=100.0).labels
    labels["delay_days"] = np.nan
    labels["state"] = labels["state"].replace("lost", "open")
    rows, note = training_rows(OutcomeArrays(labels), 365.0)
    assert len(rows) == 300
    assert "0 dated wins and none among mature leads" in note


def test_open_leads_of_an_undated_snapshot_are_left_out_where_losses_are_recorded() -> None:
    labels = history(300, days=100.0).labels
    labels["delay_days"] = np.nan
    decided = int(labels["state"].ne("open").sum())
    assert decided < 300
    rows, note = training_rows(OutcomeArrays(labels), 365.0)
    assert len(rows) == decided
    assert "open leads are left out" in note
    labels["age_days"] = np.nan
    rows, note = training_rows(OutcomeArrays(labels), 365.0)
    assert len(rows) == decided
    assert note == f"no dates: {300 - len(rows)} open leads are left out"


def test_early_stopping_finds_trees_for_a_signal_and_none_for_noise() -> None:
    rng = np.random.default_rng(1)
    n = 2000
    signal, rows = rng.normal(size=(n, 1)), np.arange(n)
    won = rng.random(n) < 1 / (1 + np.exp(-2.0 * signal[:, 0]))
    evidence = CensoredOutcomes(won, ~won, np.zeros(n), np.ones(n), np.ones(n))
    shape = early_stopped_shape(BoosterDataset(signal), rows, evidence, np.zeros(n), 7)
    assert shape is not None
    assert 0 < shape.rounds < WIN_SHAPE.rounds
    assert early_stopped_shape(BoosterDataset(np.ones((n, 1))), rows, evidence, np.zeros(n), 7) is None
