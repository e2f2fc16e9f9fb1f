"""Random streams are independent; text columns are built without loops."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from simulation.rng import blank, chance, characters, codes, codes_by_row, digits_of, fixed, join, pick, put, stream


def test_streams_of_different_names_are_independent() -> None:
    first, second = (stream(1, name).random(10_000) for name in ("people", "deals"))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05


def test_codes_follow_their_weights() -> None:
    drawn = codes(stream(1, "x"), [1.0, 0.0, 3.0], 40_000)
    assert np.bincount(drawn, minlength=3) / 40_000 == pytest.approx([0.25, 0.0, 0.75], abs=0.01)
    rows = codes_by_row(stream(1, "x"), np.log(np.tile([1.0, 3.0], (40_000, 1))))
    assert rows.mean() == pytest.approx(0.75, abs=0.01)


def test_chance_takes_one_probability_or_one_per_row() -> None:
    assert not chance(stream(1, "x"), 0.0, 5).any()
    assert chance(stream(1, "x"), [0.0, 1.0], 2).tolist() == [False, True]


def test_text_columns() -> None:
    where = np.array([True, False])
    assert pick(["a", "b"], np.array([1, 0])).to_pylist() == ["b", "a"]
    assert blank(pa.array(["a", "b"]), where).to_pylist() == [None, "b"]
    assert put(pa.array(["a", "b"]), where, "x").to_pylist() == ["x", "b"]
    assert put(pa.array(["a", "b"]), where, pa.array(["y"])).to_pylist() == ["y", "b"]
    assert join("x", pa.array(["a", None])).to_pylist() == ["xa", "x"]
    assert digits_of(np.array([7, 12])).to_pylist() == ["7", "12"]
    assert {len(text) for text in fixed(stream(1, "x"), "ab", 4, 50).to_pylist()} == {4}
    assert characters(stream(1, "x"), "a", np.array([2, 0])).to_pylist() == ["aa", ""]
