"""Input baselines: which features depend on an input, and how many training leads lack it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.lead_cells import fit_spec
from models.drift_baseline import DriftBaseline
from models.input_baseline import InputBaseline, input_baselines
from tests.make_bundle import make_leads

LEADS = make_leads(800).assign(
    country=pd.Series(np.random.default_rng(2).choice(["Italy", "Germany"], 800), dtype="str"),
    recent_ip_24h=1.0 + np.arange(800) % 3,
    recent_phone_24h=np.where(np.arange(800) % 2, 2.0, np.nan),
    budget=np.nan,
)
SPEC = fit_spec(LEADS, {"Seats": "numeric", "Plan": "categorical"})
MATRIX = SPEC.matrix(LEADS)
INPUTS = input_baselines(SPEC, LEADS, MATRIX, 7)


@pytest.mark.parametrize("field", ["email", "phone", "company", "employees", "source", "message"])
def test_the_share_without_an_input_is_counted_in_vectors(field: str) -> None:
    assert INPUTS[field].missing == pytest.approx(LEADS[field].isna().mean(), abs=1e-12)
    missing = INPUTS[field].is_missing(MATRIX, SPEC.names)
    assert (missing == LEADS[field].isna()).all()


def test_features_of_several_inputs_depend_on_each() -> None:
    assert "phone_country_match" in INPUTS["phone"].features
    assert "phone_country_match" in INPUTS["country"].features
    assert "phone_present" in INPUTS["phone"].features
    assert "phone_present" not in INPUTS["country"].features


def test_velocity_is_one_input_and_extra_columns_are_inputs() -> None:
    assert INPUTS["velocity"].fields == ("recent_ip_24h", "recent_phone_24h")
    assert set(INPUTS["velocity"].features) == {"recent_ip_24h_log", "recent_phone_24h_log"}
    assert {"extras.Seats", "extras.Plan"} <= INPUTS.keys()


def test_an_input_that_no_training_lead_has_is_left_out() -> None:
    assert "budget" not in INPUTS


def test_a_sample_has_the_distribution_of_training_and_no_order() -> None:
    sample = INPUTS["employees"].sample[:, 0]
    assert len(sample) == 800
    column = MATRIX[:, SPEC.names.index("profile_employees_log")]
    np.testing.assert_array_equal(np.sort(sample), np.sort(column))
    assert not np.array_equal(sample, column[:800], equal_nan=True)


def test_files_keep_it() -> None:
    baseline = DriftBaseline.of(SPEC.names, MATRIX, np.ones(len(MATRIX), dtype=bool), INPUTS)
    read = DriftBaseline.from_files(baseline.files())
    assert read is not None
    for name, kept in read.inputs.items():
        before: InputBaseline = INPUTS[name]
        assert (kept.fields, kept.features, kept.missing) == (before.fields, before.features, before.missing)
        np.testing.assert_allclose(kept.sample, before.sample, rtol=1e-5)
        np.testing.assert_array_equal(kept.is_missing(MATRIX, SPEC.names), before.is_missing(MATRIX, SPEC.names))


def test_bundles_without_inputs_are_read() -> None:
    files = DriftBaseline.of(SPEC.names, MATRIX, np.ones(len(MATRIX), dtype=bool)).files()
    assert list(files) == ["reference.json"]
    read = DriftBaseline.from_files(files)
    assert read is not None
    assert not read.inputs
    assert DriftBaseline.from_files({}) is None
