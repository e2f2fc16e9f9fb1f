"""Compiled writing of lists: the same text as json.dumps."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.text_kernel import merge, write

PHRASES = ["[", ", ", "]", '{"n": ', "é"]
BLOB = np.frombuffer("".join(PHRASES).encode(), dtype=np.uint8)
STARTS = np.cumsum([0, *(len(phrase.encode()) for phrase in PHRASES)])
numbers = st.one_of(st.floats(-1e5, 1e5), st.sampled_from([0.0, -0.0, 1e-9, -5e-10, 0.1, 999.999999999, 10.0, -1.0]))


def text_of(ids: list[int], values: list[float], most: int = 1_000) -> str:
    items = np.array([0, len(ids)]), np.array(ids, dtype=np.int64), np.array(values, dtype=np.float64)
    content, ends = write(items, (BLOB, STARTS), (0, 1, 2, most))
    plain, plain_ends = write.py_func(items, (BLOB, STARTS), (0, 1, 2, most))
    assert (content.tobytes(), ends.tolist()) == (plain.tobytes(), plain_ends.tolist())
    return content.tobytes().decode()


@given(values=st.lists(numbers, max_size=4))
def test_numbers_are_json_with_nine_decimals(values: list[float]) -> None:
    parsed = json.loads(text_of([3] * len(values), values))
    assert [item["n"] for item in parsed] == [float(np.round(value, 9)) for value in values]


@given(value=st.one_of(st.floats(1e-4, 1e5), st.just(0.0)))
def test_the_digits_are_those_of_python(value: float) -> None:
    rounded = float(np.round(value, 9))
    if rounded == 0.0 or rounded >= 1e-4:
        assert text_of([3], [value]) == f'[{{"n": {rounded!r}}}]'


def test_a_huge_number_is_capped_and_a_missing_one_is_left_out() -> None:
    assert text_of([3, 3], [np.inf, -1e300]) == '[{"n": 1000000000.0}, {"n": -1000000000.0}]'
    assert text_of([4, 4, 4], [np.nan] * 3, most=2) == "[é, é]"
    assert text_of([], []) == "[]"


def test_the_items_of_a_row_are_rules_then_junk_then_the_model() -> None:
    rules = np.array([0, 0, 2]), np.array([7, 8])
    junk = np.array([1]), np.array([[5, -1]]), np.array([[0.5, 0.0]])
    model = np.array([[1, -1], [2, 3]]), np.array([[0.1, 0.0], [0.2, 0.3]])
    totals = -1, 9, 0.0, np.array([7.0, 8.0])
    for begins, ids, values in (merge(rules, junk, model, totals), merge.py_func(rules, junk, model, totals)):
        assert begins.tolist() == [0, 2, 8]
        assert ids[:8].tolist() == [1, 9, 7, 8, 5, 2, 3, 9]
        np.testing.assert_array_equal(values[:8], [0.1, 7.0, np.nan, np.nan, 0.5, 0.2, 0.3, 8.0])
