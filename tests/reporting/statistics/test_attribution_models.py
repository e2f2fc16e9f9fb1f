"""Attribution models: the path of the specification, and revenue to the cent for any path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.attribution_models import AttributionModel, TouchPath, attribute

PATH = TouchPath((40.0, 30.0, 20.0, 1.0), lead_touch=1, opportunity_touch=2)


@pytest.mark.parametrize(
    ("model", "cents"),
    [
        ("first", [10_001, 0, 0, 0]),
        ("last", [0, 0, 0, 10_001]),
        ("linear", [2_501, 2_500, 2_500, 2_500]),
        ("u", [4_001, 1_000, 1_000, 4_000]),
        ("u_lead", [5_001, 5_000, 0, 0]),
        ("w", [3_001, 3_000, 3_000, 1_000]),
    ],
)
def test_the_path_of_the_specification(model: str, cents: list[int]) -> None:
    credit = attribute(AttributionModel(model), PATH, 10_001)
    assert credit.cents == cents
    assert credit.model == model


def test_time_decay_of_the_specification() -> None:
    assert attribute(AttributionModel.DECAY, TouchPath((14.0, 7.0, 0.0)), 10_000).cents == [1_429, 2_857, 5_714]


def test_w_with_lead_and_opportunity_on_the_last_of_two_touches() -> None:
    path = TouchPath((9.0, 1.0), lead_touch=1, opportunity_touch=1)
    assert attribute(AttributionModel.W, path, 10_001).cents == [3_334, 6_667]


def test_w_with_the_first_touch_creating_the_lead() -> None:
    path = TouchPath((9.0, 5.0, 1.0), lead_touch=0, opportunity_touch=2)
    assert attribute(AttributionModel.W, path, 10_000).cents == [6_000, 1_000, 3_000]


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (AttributionModel.W, TouchPath((5.0, 1.0), lead_touch=0)),
        (AttributionModel.W, TouchPath((5.0, 1.0), opportunity_touch=0)),
        (AttributionModel.U_LEAD, TouchPath((5.0, 1.0))),
    ],
)
def test_a_deal_without_a_date_of_its_stages_falls_to_linear_and_says_so(
    model: AttributionModel, path: TouchPath
) -> None:
    credit = attribute(model, path, 101)
    assert credit.cents == [51, 50]
    assert credit.model is AttributionModel.LINEAR


@pytest.mark.parametrize("model", AttributionModel)
def test_one_touch_gets_all_and_none_gets_nothing(model: AttributionModel) -> None:
    assert attribute(model, TouchPath((3.0,), lead_touch=0, opportunity_touch=0), 777).cents == [777]
    assert attribute(model, TouchPath(()), 777).cents == []


@st.composite
def paths(draw: st.DrawFn) -> TouchPath:
    ages = sorted(draw(st.lists(st.floats(0.0, 20_000.0), min_size=1, max_size=12)), reverse=True)
    positions = st.none() | st.integers(0, len(ages) - 1)
    return TouchPath(tuple(ages), draw(positions), draw(positions))


@given(model=st.sampled_from(AttributionModel), path=paths(), cents=st.integers(-(10**9), 10**12))
def test_every_model_divides_revenue_to_the_cent(model: AttributionModel, path: TouchPath, cents: int) -> None:
    credit = attribute(model, path, cents)
    assert sum(credit.cents) == cents
    assert len(credit.cents) == len(path.ages_days)
    assert all(part * cents >= 0 for part in credit.cents)
