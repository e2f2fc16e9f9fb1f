"""How well spend and leads fit together."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS


@pytest.mark.parametrize(
    ("name", "part", "whole", "higher_is_better"),
    [
        ("match_rate_spend", "matched_spend", "spend", True),
        ("match_rate_leads", "matched_leads", "paid_leads", True),
        ("unassigned_share", "unassigned_leads", "leads", False),
    ],
)
def test_shares(name: str, part: str, whole: str, higher_is_better: bool) -> None:
    metric = METRICS[name]
    assert metric.compute(**{part: 15, whole: 40}) == 0.375
    assert metric.compute(**{part: 0, whole: 40}) == 0.0
    assert metric.compute(**{part: 40, whole: 40}) == 1.0
    assert metric.compute(**{part: 0, whole: 0}) is None
    assert metric.higher_is_better is higher_is_better


def test_a_negative_spend_of_credits_has_no_share() -> None:
    assert METRICS["match_rate_spend"].compute(matched_spend=5.0, spend=-20.0) is None
