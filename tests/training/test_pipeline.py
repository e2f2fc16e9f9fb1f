"""A whole training on a simulated CRM: forward in time, judged, reproducible."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm.lead_history import LeadHistory, read_history
from leadworth.errors import LeakageError, TrainingError
from leadworth.settings import Settings, load_settings
from models.base import logit
from models.junk import Junk
from serving.batch.score_file import ScoreJob, score_file
from simulation.export_files import write
from simulation.world import simulate
from training.baselines import BASELINES, Baseline, BaselineInput
from training.pipeline import NAME, TrainingResult, fingerprint, train
from training.plots import draw
from training.time_split import forward_split, known_history, random_split


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("crm")
    write(simulate(None, leads=4000, months=18, seed=3), folder, 0)
    return load_settings(folder / "leadworth.toml")


@pytest.fixture(scope="module")
def history(settings: Settings) -> LeadHistory:
    return read_history(settings)


@pytest.fixture(scope="module")
def training(settings: Settings, history: LeadHistory) -> TrainingResult:
    return train(settings, history, as_of=None, progress=lambda step: None)


def test_the_forward_split_sees_no_lead_and_no_outcome_after_the_cut(settings: Settings, history: LeadHistory) -> None:
    known = known_history(history, as_of=None, not_before=None, horizon_days=settings.horizon_days)
    split = forward_split(known, 0.3)
    submitted = known.leads["submitted_at"]
    assert split.cut is not None
    assert submitted.loc[split.train.index].max() <= split.cut < submitted.loc[split.test.index].min()
    assert len(split.test) == pytest.approx(0.3 * len(known.labels), abs=2)
    won = split.train["delay_days"].dropna()
    assert (submitted.loc[won.index] + pd.to_timedelta(won, unit="D") <= split.cut + pd.Timedelta(seconds=1)).all()
    assert (split.train["state"] == "won").sum() < (known.labels.loc[split.train.index, "state"] == "won").sum()


def test_the_cut_moves_to_the_snapshot_of_the_champion(settings: Settings, history: LeadHistory) -> None:
    known = known_history(history, as_of=None, not_before=None, horizon_days=settings.horizon_days)
    submitted = known.leads["submitted_at"]
    earlier, later, end = submitted.quantile(0.5), submitted.quantile(0.9), submitted.max()
    usual = forward_split(known, 0.3).cut
    assert forward_split(known, 0.3, later.to_pydatetime()).cut == later.floor("us")
    assert forward_split(known, 0.3, earlier.to_pydatetime()).cut == usual
    assert forward_split(known, 0.3, end.to_pydatetime()).cut == usual


def test_without_dates_the_order_splits() -> None:
    leads = pd.DataFrame({"lead_id": [str(i) for i in range(100)], "order": np.arange(100.0)[::-1]})
    leads["submitted_at"] = pd.Series(pd.NaT, index=leads.index, dtype="datetime64[us, UTC]")
    outcomes = pd.DataFrame({"lead_id": leads["lead_id"][:20], "won": True})
    known = known_history(
        LeadHistory(leads, outcomes, {}, counts=None),  # type: ignore[arg-type]
        as_of=None,
        not_before=None,
        horizon_days=365,
    )
    split = forward_split(known, 0.3)
    assert leads.loc[split.test.index, "order"].min() > leads.loc[split.train.index, "order"].max()
    assert split.cut is None


def test_a_random_split_is_a_partition(settings: Settings, history: LeadHistory) -> None:
    known = known_history(history, as_of=None, not_before=None, horizon_days=settings.horizon_days)
    split = random_split(known, 0.3, seed=1)
    assert sorted([*split.train.index, *split.test.index]) == sorted(known.labels.index)


def test_every_baseline_is_judged_on_the_same_leads(training: TrainingResult) -> None:
    assert training.forward is not None
    assert list(training.forward.evaluations) == [NAME, *(baseline.name for baseline in BASELINES)]
    assert len({evaluation.leads for evaluation in training.forward.evaluations.values()}) == 1
    leadworth, average = training.forward.evaluations[NAME], training.forward.evaluations["average lead"]
    assert leadworth.auc.value > 0.65
    assert leadworth.log_loss.value < average.log_loss.value


def test_the_bundle_says_what_it_was_made_from(training: TrainingResult, settings: Settings) -> None:
    meta = training.bundle.meta
    assert meta.counts["leads"] == len(training.known.labels)
    assert meta.data_fingerprint == fingerprint(training.known)
    assert meta.as_of == training.known.as_of
    assert meta.currency == settings.currency


def test_velocity_features_change_junk_but_neither_wins_nor_revenue(training: TrainingResult) -> None:
    spec, worth = training.bundle.spec, training.bundle.worth
    velocity = [place for place, name in enumerate(spec.names) if name.startswith("recent_")]
    matrix = spec.matrix(training.known.leads.head(1000))
    moved = matrix.copy()
    moved[:, velocity] = np.random.default_rng(1).uniform(0.0, 6.0, (len(matrix), len(velocity)))
    assert len(velocity) > 10
    assert "recent_domain_age_log" in spec.names
    assert (worth.win.raw(moved) == worth.win.raw(matrix)).all()
    assert (worth.revenue.trees.raw(moved) == worth.revenue.trees.raw(matrix)).all()
    assert isinstance(worth.junk, Junk)
    assert (worth.junk.trees.raw(moved) != worth.junk.trees.raw(matrix)).any()
    _, _, contributions, _ = worth.explain(moved)
    assert not contributions[:, velocity].any()
    assert np.ptp(worth.win.raw(matrix)) > 0.0


def test_a_genuine_lead_of_a_file_has_the_win_log_odds_of_one_with_counts(
    training: TrainingResult, settings: Settings, tmp_path: Path
) -> None:
    bundle, counted = training.bundle, training.known.leads
    job = ScoreJob(
        settings.resolve(settings.leads.path), bundle, settings, datetime(2026, 6, 1, tzinfo=UTC), at_submit=True
    )
    score_file(job, tmp_path / "scores.parquet")
    scores = pd.read_parquet(tmp_path / "scores.parquet").set_index(settings.leads.id).loc[counted["lead_id"]]
    junk, win, revenue = (
        scores[name].to_numpy(float) for name in ("junk_probability", "win_probability", "expected_revenue")
    )
    with_counts = bundle.worth.predict(bundle.spec.matrix(counted))
    genuine = np.maximum(junk, with_counts.junk_probability) < 0.9
    assert genuine.sum() > 3000
    assert (junk != with_counts.junk_probability).any()
    expected = with_counts.win_probability / (1.0 - with_counts.junk_probability)
    np.testing.assert_allclose(logit(win / (1.0 - junk))[genuine], logit(expected)[genuine], atol=1e-9)
    np.testing.assert_allclose(revenue, with_counts.expected_revenue)


def test_reasons_of_a_win_name_no_velocity_feature(training: TrainingResult) -> None:
    scored = training.bundle.score_table(training.known.leads.head(500), scored_at=datetime(2026, 6, 1, tzinfo=UTC))
    reasons = [reason for text in scored["reasons"] for reason in json.loads(text)]
    about_wins = {reason["code"] for reason in reasons if "the win probability" in reason["text"]}
    assert about_wins
    assert not {code for code in about_wins if code.startswith("recent_")}


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda baseline: baseline.name)
def test_baselines_see_the_features_that_the_win_model_sees(training: TrainingResult, baseline: Baseline) -> None:
    spec, known = training.bundle.spec, training.known
    matrix = spec.matrix(known.leads.loc[known.labels.index])[:1500]
    labels = known.labels.head(1500)
    moved = matrix.copy()
    moved[:, [place for place, name in enumerate(spec.names) if name.startswith("recent_")]] = 3.0
    lesson, changed = (BaselineInput(table, spec, labels, 7) for table in (matrix, moved))
    vars(changed)["junk"] = lesson.junk  # the junk model may learn from velocity features
    first, second = (baseline.fit(one)(matrix[:300]) for one in (lesson, changed))
    assert (first.probability == second.probability).all()
    assert (first.value == second.value).all()


def test_same_data_and_seed_give_the_identical_bundle(
    training: TrainingResult, settings: Settings, history: LeadHistory
) -> None:
    again = train(settings, history, as_of=None, progress=lambda step: None)
    assert again.bundle.files() == training.bundle.files()


def test_pictures_are_drawn(training: TrainingResult, tmp_path: Path) -> None:
    assert training.forward is not None
    files = draw(training.forward, training.known.labels, "EUR", tmp_path / "figures")
    assert {file.stem for file in files} == {"calibration", "channels", "cohorts", "gains", "visible_share"}
    assert all(file.read_text(encoding="utf-8").startswith("<svg") for file in files)


def test_a_leak_stops_training(settings: Settings, history: LeadHistory) -> None:
    won = history.leads["lead_id"].isin(history.outcomes.loc[history.outcomes["won"], "lead_id"])
    leads = history.leads.assign(**{"extras.Invoice": pd.Series(np.where(won, "sent", None), dtype="str")})
    leaky = LeadHistory(leads, history.outcomes, {**history.extras, "Invoice": "categorical"}, history.counts)
    with pytest.raises(LeakageError, match="Invoice"):
        train(settings, leaky, as_of=None, progress=lambda step: None)


def test_too_few_leads_are_refused(settings: Settings, history: LeadHistory) -> None:
    few = LeadHistory(history.leads.head(20), history.outcomes, history.extras, history.counts)
    with pytest.raises(TrainingError, match="20 leads"):
        train(settings, few, as_of=None, progress=lambda step: None)
