"""Predictions of a model trained on a simulated CRM, against the known truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from crm.lead_history import read_history
from features.feature_spec import FeatureSpec
from features.lead_cells import fit_spec
from leadworth.records import Lead
from leadworth.settings import load_settings
from models.value_model import LeadValueModel, Prediction
from simulation import simulate
from simulation.export_files import write
from training.baselines import BASELINES, BaselineInput
from training.fit import FitReport, fit_value_model
from training.labels import label

PERSON = {
    "email": "anna.keller@keller-werke.de",
    "first_name": "Anna",
    "last_name": "Keller",
    "phone": "+49 30 901820",
    "company": "Keller Werke GmbH",
    "job_title": "Head of Operations",
    "employees": 120,
    "budget": 15_000,
    "message": "We are comparing three suppliers and would like to see a demo for 40 users next week.",
    "source": "search",
    "form_seconds": 75,
    "visits": 4,
    "pages_viewed": 9,
    "pricing_views": 2,
    "demo_requested": True,
}


@dataclass
class Learned:
    spec: FeatureSpec
    value_model: LeadValueModel
    report: FitReport
    lesson: BaselineInput
    later: np.ndarray
    truth: pd.DataFrame

    def predicted(self, **changes: object) -> Prediction:
        return self.value_model.predict(self.spec.vector(Lead(**(PERSON | changes))).reshape(1, -1))


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    folder = tmp_path_factory.mktemp("crm")
    world = simulate(leads=9_000, months=24, seed=200)
    write(world, folder)
    settings = load_settings(folder / "leadworth.toml")
    history = read_history(settings)
    snapshot = pd.Timestamp(world.start) + pd.Timedelta(days=560)
    labels = label(history.leads, history.outcomes, as_of=snapshot, horizon_days=settings.horizon_days)
    early = history.leads.loc[labels.index]
    later = history.leads.drop(labels.index)
    spec = fit_spec(early, history.extras)
    matrix = spec.matrix(early)
    value_model, report = fit_value_model(
        matrix, spec, labels, horizon_days=settings.horizon_days, junk=settings.junk, seed=7
    )
    truth = world.truth.set_index("lead_id").loc[later["lead_id"]]
    return Learned(spec, value_model, report, BaselineInput(matrix, spec, labels, 7), spec.matrix(later), truth)


def test_large_deals_are_found_to_be_slow(learned: Learned) -> None:
    assert learned.report.lateness == "delay"
    assert learned.report.delay_size_slope is not None
    assert learned.report.delay_size_slope > 0.1


def test_wins_and_money_after_the_snapshot_are_about_the_truth(learned: Learned) -> None:
    predicted = learned.value_model.predict(learned.later)
    assert 0.75 < predicted.win_probability.sum() / learned.truth["win_probability"].sum() < 1.4
    money = (predicted.win_probability * predicted.expected_revenue).sum()
    assert 0.65 < money / learned.truth["value"].sum() < 1.5


def test_value_finds_more_money_than_probability(learned: Learned) -> None:
    predicted, value = learned.value_model.predict(learned.later), learned.truth["value"].to_numpy(float)
    top = len(value) // 5
    by_value = value[np.argsort(-predicted.win_probability * predicted.expected_revenue)[:top]].sum()
    assert by_value > 1.05 * value[np.argsort(-predicted.win_probability)[:top]].sum()
    assert by_value > 0.6 * value.sum()


def test_junk_is_worth_little(learned: Learned) -> None:
    predicted, junk = learned.value_model.predict(learned.later), learned.truth["junk"].to_numpy(bool)
    assert predicted.junk_probability[junk].mean() > 3.0 * predicted.junk_probability[~junk].mean()
    assert predicted.win_probability[junk].mean() < 0.35 * predicted.win_probability[~junk].mean()


def test_bots_are_told_apart_as_automated(learned: Learned) -> None:
    predicted, automated = learned.value_model.predict(learned.later), learned.truth["automated"].to_numpy(bool)
    assert (
        predicted.automation_probability[automated].mean() > 5.0 * predicted.automation_probability[~automated].mean()
    )


@pytest.mark.parametrize("address", ["anna.keller@mailinator.com", "test@test.com"])
def test_poor_addresses_never_help(learned: Learned, address: str) -> None:
    assert learned.predicted(email=address).win_probability[0] <= learned.predicted().win_probability[0]


def test_larger_budget_is_more_revenue(learned: Learned) -> None:
    small, large = learned.predicted(budget=2_000, employees=10), learned.predicted(budget=60_000, employees=400)
    assert large.expected_revenue[0] > 1.5 * small.expected_revenue[0]


def test_program_is_automated_and_a_person_is_not(learned: Learned) -> None:
    assert learned.predicted().automation_probability[0] < 0.1
    assert learned.predicted(webdriver=True, form_seconds=0.2).automation_probability[0] > 0.9


def test_empty_and_strange_leads_have_a_worth(learned: Learned) -> None:
    for lead in (Lead(), Lead(email="@", employees="many", source="\u0000", message="x" * 100_000)):
        predicted = learned.value_model.predict(learned.spec.vector(lead).reshape(1, -1))
        for values in vars(predicted).values():
            assert np.isfinite(values).all()


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda baseline: baseline.name)
def test_baselines_predict_probabilities_and_money(learned: Learned, baseline: object) -> None:
    predicted = baseline.fit(learned.lesson)(learned.later)  # type: ignore[attr-defined]
    assert ((predicted.probability >= 0.0) & (predicted.probability <= 1.0)).all()
    assert (predicted.value >= 0.0).all()
    assert np.isfinite(predicted.value).all()
