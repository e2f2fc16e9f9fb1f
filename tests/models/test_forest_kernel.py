"""The forest kernel: margins bit-equal to LightGBM for any value, independent of the other rows."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leadworth.errors import BundleError
from models.forest_kernel import Forest, clear, evaluate
from models.junk_model import JunkModel
from models.tree_text import read_trees
from tests.make_bundle import make_bundle, make_leads
from tests.models.test_trees import grown, made_up

BUNDLE = make_bundle()
WORTH = BUNDLE.value_model
assert isinstance(WORTH.junk, JunkModel)
ENSEMBLES = (WORTH.win, WORTH.revenue.trees, WORTH.junk.trees)
BOOSTERS = tuple(lightgbm.Booster(model_str=trees.to_text()) for trees in ENSEMBLES)
FOREST = Forest.of([trees.structure for trees in ENSEMBLES])
COLUMNS = len(BUNDLE.spec.names)
SPECIAL = (np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e-35, -0.5, -1.0, 1e12, 2.0**31, 1e300, np.inf, -np.inf, 250.0)
cells = st.one_of(st.sampled_from(SPECIAL), st.integers(-2, 40).map(float), st.floats(-50.0, 5_000.0), st.floats())


def by_boosters(matrix: np.ndarray) -> np.ndarray:
    return np.column_stack([booster.predict(matrix, raw_score=True, num_threads=1) for booster in BOOSTERS])


def test_margins_are_those_of_the_boosters_bit_for_bit() -> None:
    matrix = BUNDLE.spec.matrix(make_leads(2_000, seed=21))
    np.testing.assert_array_equal(FOREST.margins(matrix), by_boosters(matrix))


def test_margins_of_special_values_are_those_of_the_boosters() -> None:
    rng = np.random.default_rng(3)
    matrix = np.tile(BUNDLE.spec.matrix(make_leads(500, seed=22)), (4, 1))
    changed = rng.random(matrix.shape) < 0.4
    matrix[changed] = rng.choice(SPECIAL, int(changed.sum()))
    np.testing.assert_array_equal(FOREST.margins(matrix), by_boosters(matrix))


@settings(max_examples=200, deadline=None)
@given(row=arrays(np.float64, (1, COLUMNS), elements=cells))
def test_margins_of_any_row_are_those_of_the_boosters(row: np.ndarray) -> None:
    np.testing.assert_array_equal(FOREST.margins(row), by_boosters(row))


def test_one_row_gives_the_same_as_in_a_batch() -> None:
    matrix = np.tile(BUNDLE.spec.matrix(make_leads(1_000, seed=23)), (10, 1))
    margins, parts = FOREST.contributions(matrix, 0)
    np.testing.assert_array_equal(margins, FOREST.margins(matrix))
    for row in (0, 1, 4_321, 9_999):
        alone, own = FOREST.contributions(matrix[row : row + 1], 0)
        np.testing.assert_array_equal(alone[0], margins[row])
        np.testing.assert_array_equal(own[0], parts[row])


@pytest.mark.parametrize("ensemble", [0, 1, 2])
def test_baseline_and_contributions_are_the_margin(ensemble: int) -> None:
    matrix = BUNDLE.spec.matrix(make_leads(500, seed=24))
    margins, parts = FOREST.contributions(matrix, ensemble)
    np.testing.assert_allclose(FOREST.baselines[ensemble] + parts.sum(axis=1), margins[:, ensemble], atol=1e-12)


def test_fortran_order_and_float32_are_supported() -> None:
    matrix = np.round(BUNDLE.spec.matrix(make_leads(50, seed=25)), 1)
    expected = FOREST.margins(matrix)
    np.testing.assert_array_equal(FOREST.margins(np.asfortranarray(matrix)), expected)
    assert FOREST.margins(matrix.astype(np.float32)).shape == expected.shape


def test_uncompiled_loops_give_the_same_results() -> None:
    matrix = BUNDLE.spec.matrix(make_leads(6, seed=26))
    matrix[0] = np.nan
    with np.errstate(over="ignore"):
        for explained in (-1, 1):
            compiled = evaluate(matrix, explained, FOREST._arrays)
            for plain, expected in zip(evaluate.py_func(matrix, explained, FOREST._arrays), compiled, strict=True):
                np.testing.assert_array_equal(plain, expected)
    for row in matrix:
        words, expected = (np.full(len(FOREST.leaves) - 1, 2**64 - 1, dtype=np.uint64) for _ in range(2))
        clear(row, FOREST._arrays[0], words)
        clear.py_func(row, FOREST._arrays[0], expected)
        np.testing.assert_array_equal(words, expected)


def test_empty_ensembles_have_margin_zero() -> None:
    margins, parts = Forest.of([(), ()]).contributions(np.ones((3, 4)), 0)
    assert margins.tolist() == [[0.0, 0.0]] * 3
    assert not parts.any()


def test_trees_of_64_leaves_are_evaluated_and_larger_ones_refused() -> None:
    matrix, target = made_up(4_000)
    full, larger = (grown(matrix, target, num_leaves=leaves, min_data_in_leaf=2) for leaves in (64, 65))
    trees = read_trees(full.model_to_string())
    assert max(len(tree.values) for tree in trees) == 64
    np.testing.assert_array_equal(Forest.of([trees]).margins(matrix)[:, 0], full.predict(matrix, raw_score=True))
    with pytest.raises(BundleError, match="a tree has 65 leaves; allowed: at most 64"):
        Forest.of([read_trees(larger.model_to_string())])


def test_zero_as_missing_is_refused() -> None:
    matrix, target = made_up()
    trees = read_trees(grown(matrix, target, zero_as_missing=True).model_to_string())
    with pytest.raises(BundleError, match="treats 0 as missing"):
        Forest.of([trees])


def test_a_matrix_with_too_few_columns_is_refused() -> None:
    with pytest.raises(BundleError, match="a matrix has 3 columns; allowed: at least"):
        FOREST.margins(np.zeros((1, 3)))
