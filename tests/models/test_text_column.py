"""Texts of one buffer as a column of a table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.text_column import TextColumn


def test_a_column_has_the_texts_row_by_row() -> None:
    content = "Größe".encode()
    column = TextColumn(np.frombuffer(content * 2, dtype=np.uint8), np.array([0, 7, 7, 14]))
    assert [column[row] for row in range(len(column))] == ["Größe", "", "Größe"]
    assert column.series().equals(pd.Series(["Größe", "", "Größe"], dtype="str"))
    assert TextColumn.blank(2).series().tolist() == ["", ""]
