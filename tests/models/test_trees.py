"""Ensembles of trees: margins and contributions compared with LightGBM."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest
from numpy.typing import NDArray

from leadworth.arrays import Matrix
from leadworth.errors import BundleError
from models.boosting import BoosterDataset, BoosterParams, boost, stump
from models.trees import Trees


def made_up(rows: int = 900, seed: int = 3) -> tuple[Matrix, NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rows, 6))
    matrix[:, 2] = rng.integers(0, 20, rows)
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    target = np.nan_to_num(matrix[:, 0]) + np.where(matrix[:, 2] % 3 == 0, 1.5, 0.0) + rng.normal(size=rows)
    return matrix, target


def grown(matrix: Matrix, target: NDArray[np.float64], **parameters: object) -> lightgbm.Booster:
    settings = {"verbosity": -1, "num_leaves": 15, "num_threads": 1, "min_data_per_group": 5} | parameters
    return lightgbm.train(settings, lightgbm.Dataset(matrix, target, categorical_feature=[2]), num_boost_round=25)


@pytest.mark.parametrize("rows", [1, 3, 900, 9000])
def test_baseline_and_contributions_are_the_margin(rows: int) -> None:
    matrix, target = made_up()
    booster = grown(matrix, target)
    batch = np.tile(matrix, (10, 1))[:rows]
    margin, contributions = Trees(booster.model_to_string()).contributions(batch)
    expected = booster.predict(batch, raw_score=True)
    np.testing.assert_allclose(margin, expected, atol=1e-9)
    np.testing.assert_allclose(Trees(booster.model_to_string()).raw(batch), expected, atol=1e-12)
    model = Trees(booster.model_to_string())
    np.testing.assert_allclose(model.baseline + contributions.sum(axis=1), expected, atol=1e-9)


def test_one_row_gives_the_contributions_of_the_batch() -> None:
    matrix, target = made_up()
    model = Trees(grown(matrix, target).model_to_string())
    _, batch = model.contributions(matrix)
    for row in range(0, 50, 7):
        np.testing.assert_allclose(model.contributions(matrix[row : row + 1])[1][0], batch[row], atol=1e-12)


def test_contributions_follow_saabas_on_one_split() -> None:
    matrix = np.array([[0.0], [0.0], [0.0], [1.0]] * 50)
    target = np.where(matrix[:, 0] > 0.5, 8.0, 0.0)
    settings = {"verbosity": -1, "num_leaves": 2, "learning_rate": 1.0, "lambda_l2": 0.0, "num_threads": 1}
    model = Trees(lightgbm.train(settings, lightgbm.Dataset(matrix, target), num_boost_round=1).model_to_string())
    assert model.baseline == pytest.approx(2.0)
    assert model.contributions(np.array([[1.0], [0.0]]))[1].ravel().tolist() == pytest.approx([6.0, -2.0])


def test_unseen_categories_and_missing_values_have_a_margin() -> None:
    matrix, target = made_up()
    booster = grown(matrix, target)
    special = np.full((2, 6), np.nan)
    special[1, 2] = 999.0
    margin, _ = Trees(booster.model_to_string()).contributions(special)
    np.testing.assert_allclose(margin, booster.predict(special, raw_score=True), atol=1e-9)


def test_trees_without_a_split_add_a_constant() -> None:
    matrix, target = made_up()
    model = Trees(grown(matrix, target, min_data_in_leaf=10_000).model_to_string())
    margin, contributions = model.contributions(matrix[:5])
    assert not contributions.any()
    np.testing.assert_allclose(margin, model.baseline)


def test_stump_has_margin_zero() -> None:
    matrix, _ = made_up()
    assert not stump(BoosterDataset(matrix)).raw(matrix).any()


def test_constant_columns_give_margin_zero() -> None:
    flat = np.zeros((50, 3))
    assert (
        not boost(BoosterDataset(flat), np.arange(50), _squared(np.ones(50)), BoosterParams(rounds=3), 1)
        .raw(flat)
        .any()
    )  # type: ignore[arg-type]


def test_text_round_trip() -> None:
    matrix, target = made_up()
    text = Trees(grown(matrix, target).model_to_string()).to_text()
    assert Trees(text).to_text() == text


def test_text_that_is_not_a_model_is_refused() -> None:
    with pytest.raises(BundleError, match="not LightGBM text"):
        Trees("tree\nnonsense")


def _squared(target: NDArray[np.float64]) -> object:
    return lambda margin, rows: (margin - target[rows], np.ones(len(rows)))


def test_same_data_and_seed_give_the_same_text() -> None:
    matrix, target = made_up()
    rows = np.arange(len(matrix))
    texts = {
        boost(BoosterDataset(matrix, (2,)), rows, _squared(target), BoosterParams(rounds=8), 5).to_text()
        for _ in range(2)
    }  # type: ignore[arg-type]
    assert len(texts) == 1


def test_boosting_stops_without_validation_gain() -> None:
    matrix, target = made_up()
    rows = np.arange(len(matrix))
    validation = (rows, lambda margin, _: float(np.abs(margin).sum()))
    model = boost(BoosterDataset(matrix), rows, _squared(target), BoosterParams(rounds=8), 5, validation=validation)  # type: ignore[arg-type]
    assert not model.raw(matrix).any()


def test_monotone_constraints_hold() -> None:
    matrix, target = made_up()
    rows = np.arange(len(matrix))
    table = BoosterDataset(matrix, (2,), (-1, 0, 0, 0, 0, 0))
    model = boost(table, rows, _squared(target), BoosterParams(rounds=40, min_leaf=10), 5)  # type: ignore[arg-type]
    moved = np.repeat(matrix[:1], 41, axis=0)
    moved[:, 0] = np.linspace(-3.0, 3.0, 41)
    assert (np.diff(model.raw(moved)) <= 1e-12).all()


def test_unused_columns_keep_their_place_and_change_nothing() -> None:
    matrix, target = made_up()
    rows, used = np.arange(len(matrix)), [column for column in range(6) if column != 1]
    shape = BoosterParams(rounds=20, min_leaf=10, feature_share=0.5)
    model = boost(BoosterDataset(matrix, (2,), unused=(1,)), rows, _squared(target), shape, 5)  # type: ignore[arg-type]
    moved = matrix.copy()
    moved[:, 1] = np.random.default_rng(3).normal(size=len(matrix))
    assert (model.raw(moved) == model.raw(matrix)).all()
    assert not model.contributions(moved)[1][:, 1].any()
    without = boost(BoosterDataset(matrix[:, used], (1,)), rows, _squared(target), shape, 5)  # type: ignore[arg-type]
    np.testing.assert_allclose(model.raw(matrix), without.raw(matrix[:, used]))
    assert np.ptp(model.raw(matrix)) > 0.0


def test_a_table_of_unused_columns_gives_margin_zero() -> None:
    matrix, target = made_up()
    table = BoosterDataset(matrix[:, :2], unused=(0, 1))
    assert (
        not boost(table, np.arange(len(matrix)), _squared(target), BoosterParams(rounds=3), 1).raw(table.matrix).any()
    )  # type: ignore[arg-type]
