"""How fast sales answers, with leads that still wait counted as open."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS

VELOCITIES = ["mql_sql", "sql_quote", "quote_close"]


def test_the_median_response_is_the_middle_of_its_bin() -> None:
    median = METRICS["response_median"]
    assert median.compute(response_touched={-10: 1, 10: 3}, response_untouched={}) == pytest.approx(10 * 2**0.05)
    assert median.compute(response_touched={-10: 1}, response_untouched={20: 3}) is None
    assert median.compute(response_touched={}, response_untouched={}) is None


def test_untouched_leads_lower_the_share_within_five_minutes() -> None:
    share = METRICS["response_within_5"]
    assert share.compute(response_touched={-1: 3, 0: 5}, response_untouched={}) == 0.375
    assert share.compute(response_touched={-1: 3, 0: 5}, response_untouched={-30: 4}) == 0.25
    assert share.compute(response_touched={}, response_untouched={}) is None


def test_untouched_mqls() -> None:
    assert METRICS["untouched_mql"].compute(untouched=4) == 4


@pytest.mark.parametrize("stages", VELOCITIES)
@pytest.mark.parametrize(
    ("days", "reached", "expected"),
    [
        ((4, 1, 2, 3), (True, True, True, True), 2.0),
        ((1, 2, 3, 4), (True, False, True, True), 3.0),
        ((1, 2, 3, 4), (True, False, False, False), None),
        ((), (), None),
    ],
)
def test_median_days(stages: str, days: tuple[int, ...], reached: tuple[bool, ...], expected: float | None) -> None:
    inputs = {f"{stages}_days": days, f"{stages}_reached": reached}
    assert METRICS[f"velocity_{stages}"].compute(**inputs) == expected
