"""One row through the C API: what `Booster.predict` says, from any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from leadworth.errors import BundleError
from models.boosting import Table, stump
from models.single_row import LEAVES, RAW, SingleRow
from models.trees import Trees
from tests.models.test_trees import grown, made_up


def strange_rows() -> np.ndarray:
    matrix, _ = made_up()
    strange = np.full((4, 6), np.nan)
    strange[1, 2], strange[2], strange[3] = 999.0, 0.0, 1e300
    return np.concatenate([matrix[:200], strange])


def test_margins_and_leaves_are_those_of_the_booster() -> None:
    booster = grown(*made_up())
    text, rows = booster.model_to_string(), strange_rows()
    margin, leaves = SingleRow(text, RAW, 6, 1), SingleRow(text, LEAVES, 6, booster.num_trees())
    assert [margin.one(row) for row in rows] == booster.predict(rows, raw_score=True).tolist()
    assert [leaves.all(row).tolist() for row in rows] == booster.predict(rows, pred_leaf=True).tolist()


def test_the_walk_of_one_row_is_that_of_the_batch() -> None:
    walk, rows = Trees(grown(*made_up()).model_to_string()), strange_rows()
    margins, contributions = walk.contributions(rows)
    for row, margin, parts in zip(rows, margins, contributions, strict=True):
        found, single = walk.contributions_one(row)
        assert found == pytest.approx(margin, abs=1e-12)
        assert walk.raw_one(row) == pytest.approx(margin, abs=1e-12)
        np.testing.assert_allclose(single, parts, atol=1e-12)


def test_a_walk_without_splits_is_a_constant() -> None:
    matrix, _ = made_up()
    walk = stump(Table(matrix))
    margin, parts = walk.contributions_one(matrix[0])
    assert (margin, parts.tolist(), walk.raw_one(matrix[0])) == (0.0, [0.0] * 6, 0.0)


def test_threads_do_not_mix_their_rows() -> None:
    booster = grown(*made_up())
    rows = np.tile(strange_rows(), (5, 1))
    walk = Trees(booster.model_to_string())
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda row: walk.contributions_one(row)[0], rows))
    assert found == pytest.approx(booster.predict(rows, raw_score=True).tolist(), abs=1e-12)


def test_what_is_no_model_or_of_another_width_is_refused() -> None:
    with pytest.raises(BundleError, match="LightGBM refused"):
        SingleRow("tree\nnonsense", RAW, 6, 1)
    with pytest.raises(ValueError, match="broadcast"):
        SingleRow(grown(*made_up()).model_to_string(), RAW, 6, 1).one(np.zeros(5))
