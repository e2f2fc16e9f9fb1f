"""One lead in plain floats: the same as its row in a matrix, at submit and later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.delay import Delay
from models.scorecard import Rule, Scorecard
from models.single_lead import SingleLead
from models.worth import Worth
from tests.make_bundle import make_bundle

WORTH = make_bundle().worth
CHANNEL = WORTH.channel or 0
VARIANTS = {
    "learned": WORTH,
    "scorecard": replace(WORTH, junk=Scorecard(-2.0, (Rule(WORTH.names[0], "above", 0.5, 3.0),))),
    "no revenue": replace(WORTH, revenue=replace(WORTH.revenue, unit=True)),
    "channels": replace(WORTH, revenue=replace(WORTH.revenue, channels={0: 1.5, 2: 0.5})),
    "delay": replace(WORTH, delay=Delay("weibull", 4.0, 0.3, 1.0, {0: 0.2}, 365.0, 6.0, 1.0)),
}
cells = st.one_of(st.floats(-5.0, 50.0), st.integers(-1, 4).map(float), st.just(np.nan))
rows = arrays(np.float64, (len(WORTH.names),), elements=cells)


@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=40, deadline=None)
@given(row=rows, age=st.sampled_from([None, float("nan"), -3.0, 0.0, 40.0, 400.0]))
def test_one_lead_is_explained_as_its_row(variant: str, row: np.ndarray, age: float | None) -> None:
    worth: Worth = VARIANTS[variant]
    said, baseline, contributions, terms = worth.explain(row[None], None if age is None else np.array([age]))
    one = SingleLead(worth).explain(row, row.tolist(), age)
    for name, number in one.numbers._asdict().items():
        assert number == pytest.approx(getattr(said, name)[0], rel=1e-9, abs=1e-12)
    assert one.baseline == pytest.approx(baseline[0], abs=1e-9)
    np.testing.assert_allclose(one.contributions, contributions[0], atol=1e-9)
    assert one.terms == pytest.approx({name: term[0] for name, term in terms.items()}, abs=1e-9)
    assert one.baseline + one.contributions.sum() + sum(one.terms.values()) == pytest.approx(
        said.win_log_odds[0], abs=1e-6
    )
