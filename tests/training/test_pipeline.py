"""Training pipeline on a simulated CRM: evaluation, bundle, reproducibility."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from crm.lead_history import LeadHistory
from features.velocity_keys import FIELDS
from leadworth.errors import LeakageError
from leadworth.settings import Settings
from models.junk_model import JunkModel
from models.log_odds import logit
from serving.batch.partitioned_run import score_partitioned
from serving.batch.score_job import ScoreJob
from training import assembly
from training.assembly import fingerprint
from training.baselines import BASELINES
from training.pipeline import NAME, TrainingResult, train


def test_all_models_are_evaluated_on_the_same_leads(training: TrainingResult) -> None:
    assert training.forward is not None
    assert list(training.forward.evaluations) == [NAME, *(baseline.name for baseline in BASELINES)]
    assert len({evaluation.leads for evaluation in training.forward.evaluations.values()}) == 1
    leadworth, average = training.forward.evaluations[NAME], training.forward.evaluations["average lead"]
    assert leadworth.value("auc") > 0.65
    assert leadworth.value("log_loss") < average.value("log_loss")


def test_the_bundle_has_the_metadata_of_the_training(training: TrainingResult, settings: Settings) -> None:
    meta = training.bundle.meta
    assert meta.counts["leads"] == len(training.known.labels)
    assert meta.data_fingerprint == fingerprint(training.known)
    assert meta.as_of == training.known.as_of
    assert meta.currency == settings.currency


def test_the_fingerprint_does_not_depend_on_the_rows_hashed_at_once(
    training: TrainingResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "_HASHED_AT_ONCE", 777)
    assert fingerprint(training.known) == training.bundle.meta.data_fingerprint


def test_velocity_features_change_junk_but_neither_wins_nor_revenue(training: TrainingResult) -> None:
    spec, value_model = training.bundle.spec, training.bundle.value_model
    velocity = [index for index, name in enumerate(spec.names) if name.startswith("recent_")]
    matrix = spec.matrix(training.known.leads.head(1000))
    moved = matrix.copy()
    moved[:, velocity] = np.random.default_rng(1).uniform(0.0, 6.0, (len(matrix), len(velocity)))
    assert len(velocity) > 10
    assert "recent_domain_age_log" in spec.names
    assert (value_model.win.raw(moved) == value_model.win.raw(matrix)).all()
    assert (value_model.revenue.trees.raw(moved) == value_model.revenue.trees.raw(matrix)).all()
    assert isinstance(value_model.junk, JunkModel)
    assert (value_model.junk.trees.raw(moved) != value_model.junk.trees.raw(matrix)).any()
    _, contributions = value_model.explain(moved)
    assert not contributions[:, velocity].any()
    assert np.ptp(value_model.win.raw(matrix)) > 0.0


def test_a_file_has_the_scores_of_training_and_a_genuine_lead_the_same_win_log_odds_without_counts(
    training: TrainingResult, settings: Settings, tmp_path: Path
) -> None:
    bundle, counted = training.bundle, training.known.leads
    job = ScoreJob(
        settings.resolve(settings.leads.path), bundle, settings, datetime(2026, 6, 1, tzinfo=UTC), at_submit=True
    )
    score_partitioned(job, tmp_path / "scores.parquet")
    scores = pd.read_parquet(tmp_path / "scores.parquet").set_index(settings.leads.id).loc[counted["lead_id"]]
    trained = bundle.value_model.predict(bundle.spec.matrix(counted))
    for name in ("junk_probability", "win_probability", "expected_revenue"):
        np.testing.assert_allclose(scores[name].to_numpy(float), getattr(trained, name), rtol=1e-9)
    blind = bundle.value_model.predict(bundle.spec.matrix(counted.drop(columns=[n for n in FIELDS if n in counted])))
    genuine = np.maximum(blind.junk_probability, trained.junk_probability) < 0.9
    assert genuine.sum() > 3000
    assert (blind.junk_probability != trained.junk_probability).any()
    odds = [logit(one.win_probability / (1.0 - one.junk_probability))[genuine] for one in (blind, trained)]
    np.testing.assert_allclose(*odds, atol=1e-9)
    np.testing.assert_allclose(blind.expected_revenue, trained.expected_revenue)


def test_reasons_of_a_win_have_no_velocity_feature(training: TrainingResult) -> None:
    scored = training.bundle.score_table(training.known.leads.head(500), scored_at=datetime(2026, 6, 1, tzinfo=UTC))
    reasons = [reason for text in scored["reasons"] for reason in json.loads(text)]
    about_wins = {reason["code"] for reason in reasons if "the win probability" in reason["text"]}
    assert about_wins
    assert not {code for code in about_wins if code.startswith("recent_")}


def test_a_leak_stops_training(settings: Settings, history: LeadHistory) -> None:
    won = history.leads["lead_id"].isin(history.outcomes.loc[history.outcomes["won"], "lead_id"])
    leads = history.leads.assign(**{"extras.Invoice": pd.Series(np.where(won, "sent", None), dtype="str")})
    leaky = LeadHistory(leads, history.outcomes, {**history.extras, "Invoice": "categorical"}, history.counts)
    with pytest.raises(LeakageError, match="Invoice"):
        train(settings, leaky, as_of=None, progress=lambda step: None)


@pytest.mark.slow
def test_the_number_of_threads_does_not_change_the_model(
    training: TrainingResult, settings: Settings, history: LeadHistory
) -> None:
    one = settings.model_copy(update={"training": settings.training.model_copy(update={"threads": 1})})
    with threadpool_limits(1):
        again = train(one, history, as_of=None, progress=lambda step: None)
    assert again.bundle.value_model.files() == training.bundle.value_model.files()
