"""Sentences and remedies of skew findings."""

from __future__ import annotations

import pytest

from monitoring.skew_finding import SkewFinding, SkewKind


def test_the_larger_effect_is_said() -> None:
    finding = SkewFinding("phone", SkewKind.MORE_OFTEN_MISSING, 0.5, 0.1, money=0.01, moved=0.2)
    assert finding.impact == 0.2
    assert finding.sentence().endswith("as in training, about 20% of the predicted value would belong to other leads")
    lower = SkewFinding("phone", SkewKind.ALWAYS_MISSING, 1.0, 0.1, money=-0.3, moved=0.2)
    assert lower.sentence().endswith("with it, predicted value would be about 30% lower")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("phone", "map phone in [leads.columns]"),
        ("extras.Seats", "provide the column Seats, or remove it from [leads.features]"),
        ("velocity", "in order of time"),
        ("lw_data", "add the collector"),
    ],
)
def test_the_remedy_is_that_of_the_input(name: str, says: str) -> None:
    assert says in SkewFinding(name, SkewKind.ALWAYS_MISSING, 1.0, 0.1, 0.1, 0.1).remedy
