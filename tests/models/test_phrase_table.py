"""Phrases by column, value and sign."""

from __future__ import annotations

import numpy as np

from models import phrase_table
from models.phrase_table import PhraseTable


def table_of(asked: list[tuple[int, str, bool]]) -> PhraseTable:
    def phrase_of(column: int, value: float, raises: bool) -> str:
        asked.append((column, repr(value), raises))
        return f"{column}={value!r}{raises}"

    return PhraseTable(phrase_of, ["", " ", ""])


def test_each_phrase_is_made_once() -> None:
    asked: list[tuple[int, str, bool]] = []
    table = table_of(asked)
    columns = np.array([[0, 1, -1], [0, 1, 0]])
    values = np.array([[0.5, np.nan, 0.0], [0.5, np.nan, -0.5]])
    amounts = np.array([[1.0, -1.0, 0.0], [2.0, -2.0, -0.1]])
    ids = table.find(columns, values, amounts)
    assert (ids == table.find(columns, values, amounts)).all()
    assert asked == [(0, "0.5", True), (1, "nan", False), (0, "-0.5", False)]
    texts = table.write((np.array([0, 2, 4]), ids[:, :2].ravel(), np.full(4, np.nan)), (0, 1, 2, 9))
    assert [texts[0], texts[1], len(texts)] == ["0=0.5True 1=nanFalse", "0=0.5True 1=nanFalse", 2]


def test_the_table_grows_and_is_emptied(monkeypatch) -> None:
    monkeypatch.setattr(phrase_table, "CACHE_SIZE", 2_000)
    table = table_of([])
    values = np.arange(3_000.0).reshape(-1, 1)
    columns = np.zeros((3_000, 1), dtype=np.int64)
    ids = table.find(columns, values, values)
    assert len(np.unique(ids)) == 3_000
    assert table.text("rule") == table.text("rule")
    texts = table.write((np.arange(3_001), ids.ravel(), np.full(3_000, np.nan)), (0, 1, 2, 9))
    assert [texts[0], texts[2_999]] == ["0=0.0False", "0=2999.0True"]
    table.trim()
    assert table.find(columns[:1], values[:1], values[:1]).item() == 3
