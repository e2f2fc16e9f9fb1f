from __future__ import annotations

import math

from features.extra_features import READERS, group
from features.feature_group import Kind
from features.lead_cells import fit_spec
from leadworth.records import Lead
from tests.features.leads import lead_table


def test_a_number_is_the_same_category_from_a_file_and_a_form() -> None:
    compute = group("Code", "categorical").compute
    assert compute("3.0") == compute("3") == ("3",)
    assert compute("3.5") == ("3.5",)


def test_missing_values() -> None:
    for kind in READERS:
        values = group("X", kind).compute(None)
        assert all(value is None or (isinstance(value, float) and math.isnan(value)) for value in values)


def test_an_extra_column_with_the_name_of_a_field_reads_the_field() -> None:
    extras: dict[str, Kind] = {"visits": "numeric"}
    spec = fit_spec(lead_table([{"visits": number} for number in range(9)], extras, fields=()), extras)
    assert spec.names == ("extras.visits",)
    assert spec.vector(Lead(visits="5")).tolist() == [5.0]
