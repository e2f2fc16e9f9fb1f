"""Lead value model: predictions, contributions and files."""

from __future__ import annotations

import json
from dataclasses import replace

import lightgbm
import numpy as np
import pytest

from leadworth.errors import BundleError
from models.boosting import BoosterDataset
from models.bot_score import automation_scorecard
from models.calibration import Platt
from models.category_effects import CategoryEffects
from models.channel_drift import ChannelDrift
from models.combine_kernel import apply, combine
from models.combine_kernel import sigmoid as sigmoid_kernel
from models.junk_model import JunkModel
from models.log_odds import logit, sigmoid
from models.loss_censoring import LossCensoring, OpenShareCurve
from models.np_threshold import NeymanPearsonThreshold, Threshold
from models.revenue_model import RevenueModel, no_revenue
from models.scorecard import Scorecard, ScorecardRule
from models.time_to_win import SecondSpeed, TimeToWin
from models.trees import Trees
from models.value_model import TERMS, LeadValueModel

NAMES = ("campaign_source", "email_test", "form_webdriver", "x")


def matrix(rows: int = 500) -> np.ndarray:
    rng = np.random.default_rng(5)
    table = np.column_stack([rng.integers(0, 3, rows), rng.random((rows, 2)) < 0.2, rng.normal(size=rows)]).astype(
        float
    )
    table[rng.random(table.shape) < 0.05] = np.nan
    return table


def trees(seed: int) -> Trees:
    table = matrix()
    target = np.nan_to_num(table[:, 3]) * (1 + seed) + np.random.default_rng(seed).normal(size=len(table))
    data = lightgbm.Dataset(table, target)
    return Trees(lightgbm.train({"verbosity": -1, "num_threads": 1, "seed": seed}, data, 15).model_to_string())


@pytest.fixture(scope="module")
def model() -> LeadValueModel:
    return LeadValueModel(
        names=NAMES,
        channel=0,
        intercept=-1.1,
        win=trees(0),
        platt=Platt(0.07, 0.9),
        drift=ChannelDrift({0: 0.3, 1: -0.2}),
        junk=JunkModel(trees(1), Scorecard(-2.0, Scorecard.shipped("junk").rules), 0.1, 1.1),
        revenue=RevenueModel(7.0, trees(2), 0.9, 1.3, {0: 1.2, 2: 0.8}, CategoryEffects({0: {1: 0.3}, 1: {0: -0.2}})),
        delay=TimeToWin("weibull", np.log(60.0), 0.3, 0.7, {1: 0.2}, 365.0, 7.0, 1.0, 0.1, SecondSpeed(0.1, 0.4, 0.5)),
        closing=LossCensoring(
            OpenShareCurve((0.0, 9.0), (1.0, 0.2)), (OpenShareCurve(), OpenShareCurve((0.0, 30.0), (1.0, 0.5))), (-1.0,)
        ),
        automation=automation_scorecard(),
        guarantee=NeymanPearsonThreshold(0.005, 0.05, 700, Threshold(2.5, 700, 699), {1: Threshold(3.5, 600, 600)}),
    )


@pytest.mark.parametrize("age", [None, 0.0, 3.0, 90.0, 364.9, 365.0, 5000.0, np.nan])
def test_reasons_add_up_to_the_log_odds(model: LeadValueModel, age: float | None) -> None:
    ages = None if age is None else np.full(500, age)
    predicted, contributions = model.explain(matrix(), ages)
    total = model.baseline + contributions.sum(axis=1)
    np.testing.assert_allclose(total, predicted.win_log_odds, atol=1e-9)
    np.testing.assert_allclose(sigmoid(predicted.win_log_odds), predicted.win_probability, atol=1e-12)
    assert contributions.shape == (500, len(NAMES) + len(TERMS))


def test_win_probability_is_genuine_times_chance_of_a_genuine_lead(model: LeadValueModel) -> None:
    predicted = model.predict(matrix())
    drift = model.drift.now(matrix()[:, 0])
    g = sigmoid(0.07 + 0.9 * (-1.1 + model.win.raw(matrix())) + drift)
    np.testing.assert_allclose(predicted.win_probability, (1.0 - predicted.junk_probability) * g, atol=1e-12)


def test_explain_and_predict_give_the_same_predictions(model: LeadValueModel) -> None:
    ages = np.linspace(0.0, 400.0, 500)
    plain, (explained, _) = model.predict(matrix(), ages), model.explain(matrix(), ages)
    for name, values in vars(plain).items():
        np.testing.assert_allclose(values, getattr(explained, name), rtol=1e-9, err_msg=name)


VARIANTS = {
    "learned": {},
    "scorecard": {"junk": Scorecard(-2.0, (ScorecardRule("x", "above", 0.5, 3.0),))},
    "no channel": {"channel": None},
    "no delay": {"delay": None},
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("age", [None, np.nan, -3.0, 0.0, 45.0, 400.0])
def test_one_row_gives_the_same_as_in_a_batch(model: LeadValueModel, variant: str, age: float | None) -> None:
    model = replace(model, **VARIANTS[variant])
    many = np.tile(matrix(), (20, 1))
    batch, parts = model.explain(many, None if age is None else np.full(len(many), age))
    for row in (0, 17, 499, 9_999):
        alone, own = model.explain(many[row : row + 1], None if age is None else np.array([age]))
        np.testing.assert_allclose(own[0], parts[row], rtol=0, atol=1e-12)
        for name, values in vars(alone).items():
            assert values[0] == pytest.approx(getattr(batch, name)[row], rel=1e-12), name


def test_predictions_follow_the_formulas(model: LeadValueModel) -> None:
    """The compiled loop gives what the formulas of the docstrings give on arrays."""
    predicted, rows = model.predict(matrix()), matrix()
    genuine = model.platt.apply(model.intercept + model.win.raw(rows)) + model.drift.now(rows[:, 0])
    assert isinstance(model.junk, JunkModel)
    junk = model.junk.log_odds(rows, NAMES)
    np.testing.assert_array_equal(predicted.junk_log_odds, junk)  # the threshold is one of these scores
    np.testing.assert_allclose(predicted.win_log_odds, logit(sigmoid(-junk) * sigmoid(genuine)), rtol=1e-9)
    np.testing.assert_allclose(predicted.automation_probability, model.automation.probability(rows, NAMES), rtol=1e-12)
    money = model.revenue.money(model.revenue.log_size(rows), rows[:, 0])
    np.testing.assert_allclose(predicted.expected_revenue, money, rtol=1e-12)


def test_uncompiled_loop_gives_the_same_results(model: LeadValueModel) -> None:
    margins, cards, factors = model._forest.margins(matrix(40)), np.zeros((40, 2)), np.ones(40)
    for factor in (0.0, 1.3):
        compiled = combine(margins, cards, model._lines, factor, factors)
        np.testing.assert_allclose(combine.py_func(margins, cards, model._lines, factor, factors), compiled, rtol=1e-15)
    line = (0.5, 1.0, 2.0)
    assert apply.py_func(line, 3.0) == apply(line, 3.0) == 8.0
    assert [sigmoid_kernel.py_func(odds) for odds in (-800.0, 0.0, 800.0)] == [0.0, 0.5, 1.0]


def test_open_lead_is_conditioned_on_its_age(model: LeadValueModel) -> None:
    certain = replace(model, revenue=replace(model.revenue, spread=0.0), closing=LossCensoring())
    p = certain.predict(matrix()).win_probability
    size = certain.revenue.log_size(matrix())
    assert certain.delay is not None
    survival = 1.0 - certain.delay.seen(np.full(500, 80.0), size, matrix()[:, 0])
    expected = p * survival / (1.0 - p + p * survival)
    np.testing.assert_allclose(certain.predict(matrix(), np.full(500, 80.0)).win_probability, expected, rtol=1e-9)
    half = replace(certain, closing=LossCensoring(OpenShareCurve((0.0,), (0.5,)), (OpenShareCurve((0.0,), (0.5,)),)))
    expected = p * survival / (0.5 * (1.0 - p) + p * survival)
    np.testing.assert_allclose(half.predict(matrix(), np.full(500, 80.0)).win_probability, expected, rtol=1e-9)


def test_a_lead_at_submit_is_the_same_in_a_batch_with_open_leads(model: LeadValueModel) -> None:
    ages = np.where(np.arange(500) % 2, 60.0, np.nan)
    mixed, fresh = model.predict(matrix(), ages), model.predict(matrix())
    for name, values in vars(fresh).items():
        np.testing.assert_array_equal(getattr(mixed, name)[::2], values[::2], err_msg=name)


def test_win_probability_falls_to_zero_with_age(model: LeadValueModel) -> None:
    patient = replace(model, closing=LossCensoring())
    row = np.repeat(matrix()[:1], 40, axis=0)
    chances = patient.predict(row, np.linspace(0.0, 365.0, 40)).win_probability
    assert (np.diff(chances) < 0).all()
    assert chances[-1] < 1e-9


def test_open_lead_has_a_higher_expected_revenue(model: LeadValueModel) -> None:
    young, old = (model.predict(matrix(), np.full(500, age)).expected_revenue for age in (0.0, 150.0))
    assert (old >= young).all()
    assert old.sum() > 1.1 * young.sum()
    unit = replace(model, revenue=no_revenue(BoosterDataset(matrix())))
    assert unit.predict(matrix(), np.full(500, 150.0)).expected_revenue.tolist() == [1.0] * 500


def test_without_delay_the_age_is_not_used(model: LeadValueModel) -> None:
    timeless = replace(model, delay=None)
    assert (
        timeless.predict(matrix(), np.full(500, 90.0)).win_log_odds == timeless.predict(matrix()).win_log_odds
    ).all()


@pytest.mark.parametrize("learned", [True, False])
def test_files_round_trip(model: LeadValueModel, learned: bool) -> None:
    saved = model if learned else replace(model, junk=Scorecard.shipped("junk"), delay=None, channel=None)
    files = saved.files()
    again = LeadValueModel.from_files(files)
    assert again.files() == files
    ages = np.linspace(0.0, 400.0, 500)
    for name, values in vars(saved.predict(matrix(), ages)).items():
        np.testing.assert_array_equal(values, getattr(again.predict(matrix(), ages), name), err_msg=name)


def test_files_are_text_and_json_only(model: LeadValueModel) -> None:
    files = model.files()
    assert set(files) == {"win.txt", "junk.txt", "revenue.txt", "worth.json"}
    json.loads(files.pop("worth.json"))
    assert all(content.startswith(b"tree\n") for content in files.values())


@pytest.mark.parametrize("absent", ["win.txt", "junk.txt", "revenue.txt", "worth.json"])
def test_missing_file_is_refused(model: LeadValueModel, absent: str) -> None:
    files = model.files()
    del files[absent]
    with pytest.raises(BundleError, match="are inconsistent"):
        LeadValueModel.from_files(files)


def test_changed_file_is_refused(model: LeadValueModel) -> None:
    with pytest.raises(BundleError, match="are inconsistent"):
        LeadValueModel.from_files(model.files() | {"worth.json": b'{"names": []}'})


def test_a_model_of_before_the_effects_on_deal_size_is_read(model: LeadValueModel) -> None:
    files = model.files()
    content = json.loads(files["worth.json"])
    del content["deal_size"]
    before = LeadValueModel.from_files({**files, "worth.json": json.dumps(content).encode()})
    same = replace(model, revenue=replace(model.revenue, effects=CategoryEffects()))
    for name, values in vars(same.predict(matrix())).items():
        np.testing.assert_array_equal(getattr(before.predict(matrix()), name), values)
