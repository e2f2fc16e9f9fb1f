"""Reasons of the junk probability: the same as those of a sort."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.junk_reasons import strongest_raising

amounts = st.sampled_from([0.0, 0.05, 0.1, 0.1, 0.5, 2.0, -1.0])


@given(rules=arrays(np.float64, (3, 4), elements=amounts), parts=arrays(np.float64, (3, 6), elements=amounts))
def test_the_strongest_are_those_of_a_stable_sort(rules: np.ndarray, parts: np.ndarray) -> None:
    matrix = np.arange(18.0).reshape(3, 6)
    result = strongest_raising(matrix, rules, parts, 3, 0.05)
    for compiled, plain in zip(result, strongest_raising.py_func(matrix, rules, parts, 3, 0.05), strict=True):
        np.testing.assert_array_equal(compiled, plain)
    for row in range(3):
        trees = sorted(enumerate(parts[row]), key=lambda part: -part[1])[:3]
        all_of = [*((6 + rule, amount) for rule, amount in enumerate(rules[row])), *trees]
        expected = [part for part in sorted(all_of, key=lambda part: -part[1]) if part[1] > 0.05]
        columns, values, sizes = (array[row] for array in result)
        assert [*zip(columns[columns >= 0].tolist(), sizes[columns >= 0].tolist(), strict=True)] == expected
        for column, value in zip(columns.tolist(), values.tolist(), strict=True):
            assert value == matrix[row, column] if 0 <= column < 6 else np.isnan(value)
