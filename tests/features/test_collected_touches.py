"""Touches of the collector fill the same fields of one lead and of a table."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from features.collected_touches import with_touches
from features.lead_cells import fit_spec
from leadworth.records import Lead

TOUCHES = {
    "last": {"gclid": "Cj0KCQtest123456", "source": "google", "at": 1},
    "first": {"medium": "cpc", "source": "x"},
}


def test_a_lead_with_its_source_in_lw_data_has_the_features_of_one_that_names_it() -> None:
    table = pd.DataFrame(
        {
            "lead_id": ["1", "2", "3"],
            "email": ["ada@acme.example", "bob@gmail.com", "eve@corp.example"],
            "source": ["google", None, "fair"],
            "lw_data": [None, json.dumps(TOUCHES), json.dumps({"v": 1})],
        },
        dtype="str",
    )
    spec = fit_spec(pd.concat([table] * 9, ignore_index=True), {})
    column = spec.names.index("campaign_source")
    matrix = spec.matrix(table)
    assert matrix[0, column] == matrix[1, column] != matrix[2, column]
    for row, lead in enumerate(table.to_dict("records")):
        known = {name: value for name, value in lead.items() if isinstance(value, str)}
        np.testing.assert_array_equal(spec.vector(Lead(**known)), matrix[row])


def test_a_table_gains_columns_only_where_a_touch_has_them() -> None:
    table = pd.DataFrame({"lw_data": ['{"v": 1}', None, "{broken"]}, dtype="str")
    assert list(with_touches(table)) == ["lw_data"]


@pytest.mark.parametrize("index", [[0, 0], [5, 3]])
def test_rows_keep_their_order_and_index(index: list[int]) -> None:
    table = pd.DataFrame({"lw_data": [json.dumps(TOUCHES), None], "source": [None, "fair"]}, index=index, dtype="str")
    filled = with_touches(table)
    assert filled["source"].tolist() == ["google", "fair"]
    assert filled.index.tolist() == index
