"""Input skew: absent and shifted inputs are named with their effect, chance is not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from models.bundle import Bundle
from monitoring.input_skew import MAX_ROWS, VectorSample, always_missing, input_skew
from monitoring.skew_finding import SkewFinding, SkewKind
from tests.make_bundle import make_bundle, make_leads

LIMIT = 0.05
BUNDLE = make_bundle(2_000)
LEADS = make_leads(2_000)


def found(leads: pd.DataFrame, bundle: Bundle = BUNDLE, limit: float = LIMIT) -> dict[str, SkewFinding]:
    return {finding.input: finding for finding in input_skew(bundle, bundle.spec.matrix(leads), limit=limit)}


@pytest.fixture
def by_size() -> Bundle:
    """Bundle whose leads are worth 50, and 100 where the company has more than 19 employees (half of them)."""
    bundle = make_bundle(2_000)
    column = bundle.spec.names.index("profile_employees_log")

    def predict(matrix: np.ndarray, age_days: np.ndarray | None) -> SimpleNamespace:
        del age_days
        large = np.nan_to_num(matrix[:, column]) > np.log(20.0)
        return SimpleNamespace(
            win_probability=np.full(len(matrix), 0.5), expected_revenue=np.where(large, 200.0, 100.0)
        )

    bundle.value_model = SimpleNamespace(predict=predict)  # type: ignore[assignment]
    return bundle


def test_an_absent_column_is_named_once_with_its_effect(by_size: Bundle) -> None:
    findings = found(make_leads(500, seed=3).drop(columns="employees"), by_size)
    assert list(findings) == ["employees"]
    finding = findings["employees"]
    assert finding.kind is SkewKind.ALWAYS_MISSING
    assert (finding.missing, finding.trained_missing) == (1.0, pytest.approx(0.25, abs=0.03))
    assert finding.money == pytest.approx(0.5, abs=0.05)
    assert finding.moved == pytest.approx(0.25, abs=0.03)
    assert finding.sentence("rows").startswith("employees is missing in 100% of the rows (training: 2")
    assert "map employees in [leads.columns]" in finding.remedy


def test_a_column_that_is_missing_more_often(by_size: Bundle) -> None:
    leads = make_leads(2_000, seed=3)
    leads.loc[::2, "employees"] = np.nan
    finding = found(leads, by_size)["employees"]
    assert finding.kind is SkewKind.MORE_OFTEN_MISSING
    assert finding.money == pytest.approx((75.0 - 62.5) / 62.5, abs=0.03)


def test_other_values_than_in_training(by_size: Bundle) -> None:
    findings = found(make_leads(500, seed=3).assign(employees=5.0), by_size)
    assert list(findings) == ["employees"]
    assert findings["employees"].kind is SkewKind.SHIFTED
    assert findings["employees"].money == pytest.approx(0.5, abs=0.03)
    assert "check that employees is written as in the history" in findings["employees"].remedy


def test_an_input_without_effect_is_not_named(by_size: Bundle) -> None:
    assert not found(make_leads(500, seed=3).drop(columns=["phone", "message"]), by_size)
    assert set(found(make_leads(500, seed=3).drop(columns=["phone", "message"]), by_size, limit=-1.0)) == {
        "phone",
        "message",
    }


def test_swapped_columns_are_named() -> None:
    leads = make_leads(500, seed=3)
    findings = found(leads.assign(company=leads["source"], source=leads["company"]), limit=-1.0)
    assert {"company", "source"} <= findings.keys()


def test_categories_that_training_did_not_have() -> None:
    leads = make_leads(500, seed=3)
    finding = found(leads.assign(source=leads["source"] + " new"), limit=-1.0)["source"]
    assert finding.kind is SkewKind.ALWAYS_MISSING
    assert "source is missing or unknown in 100%" in finding.sentence()
    assert "written as in the history" in finding.remedy


def test_the_time_of_submit_is_not_compared() -> None:
    leads = make_leads(500, seed=3)
    assert not found(leads.assign(submitted_at=leads["submitted_at"].iloc[0]), limit=-1.0)


@pytest.mark.parametrize("rows", [1, 5, 100])
def test_resamples_of_the_training_leads_are_hardly_ever_named(rows: int) -> None:
    matrix = BUNDLE.spec.matrix(LEADS)
    rng = np.random.default_rng(1)
    resamples = (matrix[rng.integers(0, len(matrix), rows)] for _ in range(200))
    assert sum(bool(input_skew(BUNDLE, resample, limit=0.0)) for resample in resamples) < 10


def test_few_leads_without_an_input_are_chance() -> None:
    few = make_leads(3, seed=3).assign(employees=np.nan)  # a quarter of the training leads lack it
    assert not found(few, limit=0.0)
    assert "employees" in found(make_leads(30, seed=3).assign(employees=np.nan), limit=0.0)


def test_always_missing_inputs() -> None:
    leads = make_leads(300, seed=3).drop(columns=["company", "extras.Seats"])
    assert set(always_missing(BUNDLE, BUNDLE.spec.matrix(leads))) == {"company", "extras.Seats"}
    assert always_missing(BUNDLE, BUNDLE.spec.matrix(leads)[:0]) == []


def test_without_a_baseline_nothing_is_named() -> None:
    bundle = make_bundle(400)
    matrix = bundle.spec.matrix(make_leads(300).drop(columns="employees"))
    assert input_skew(bundle, matrix, limit=0.0)
    bundle.reference = None
    assert not input_skew(bundle, matrix, limit=0.0)
    assert always_missing(bundle, matrix) == []


def test_a_sample_is_uniform_and_bounded() -> None:
    sample = VectorSample()
    for start in range(0, 20_000, 700):
        part = np.arange(start, min(start + 700, 20_000), dtype=np.float64)
        sample.add(part.reshape(-1, 1), part)
    assert sample.matrix.shape == (MAX_ROWS, 1)
    assert len(np.unique(sample.matrix)) == MAX_ROWS
    np.testing.assert_array_equal(sample.matrix[:, 0], sample.age_days)
    counts = np.histogram(sample.matrix, bins=10, range=(0, 20_000))[0]
    assert counts.min() > 140
    assert counts.max() < 260


def test_a_few_leads_are_all_kept() -> None:
    sample = VectorSample()
    sample.add(np.ones((3, 2)), None)
    assert sample.matrix.shape == (3, 2)
    assert np.isnan(sample.age_days).all()
