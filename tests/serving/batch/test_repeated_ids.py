"""Repeated ids are counted over all partitions, with any number of buckets."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadworth.readers.id_reader import fold_case
from serving.batch import repeated_ids as module
from serving.batch.repeated_ids import repeated_ids, write_ids


def written(folder: Path, parts: list[list[str]]) -> list[Path]:
    paths = [folder / f"{number}.arrow" for number in range(len(parts))]
    for path, ids in zip(paths, parts, strict=True):
        write_ids(path, [pd.Series(ids[:1], dtype="str"), pd.Series(ids[1:], dtype="str")])
    return paths


@pytest.mark.parametrize("rows", [1, 7])
def test_rows_and_cases_are_counted_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(module, "_BUCKET_ROWS", rows)
    found = repeated_ids(written(tmp_path, [["L-1", "L-2", "L-1"], ["L-2", "l-2", "L-3", "L-1"], []]), 7)
    assert (found.rows, found.cases) == (3, 1)
    assert set(found.examples) == {"L-1", "L-2"}
    assert set(found.case_examples) == {"L-2", "l-2"}
    assert [sentence.split()[0] for sentence in found.warnings()] == ["3", "1"]


def test_ids_that_all_differ_give_no_warning(tmp_path: Path) -> None:
    assert repeated_ids(written(tmp_path, [["L-1"], ["aB3xY9zQ1", "ab3xy9zq1"]]), 3).warnings() == ()
    assert repeated_ids([], 0).warnings() == ()


def test_an_address_as_an_id_is_not_named(tmp_path: Path) -> None:
    (sentence,) = repeated_ids(written(tmp_path, [["ada@ferri.it", "ada@ferri.it"]]), 2).warnings()
    assert "ada@" not in sentence


@settings(max_examples=30)
@given(st.lists(st.lists(st.text("aAbB1", min_size=1, max_size=2), max_size=6), max_size=3))
def test_counts_equal_those_of_all_ids_at_once(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[str]]
) -> None:
    found = repeated_ids(written(tmp_path_factory.mktemp("ids"), parts), 10_000_000)
    ids = Counter(written for part in parts for written in part)
    assert found.rows == ids.total() - len(ids)
    assert found.cases == len(ids) - len({fold_case(written) for written in ids})
