from __future__ import annotations

import math

import pytest

from features.feature_group import LONGEST_KEY, Feature, key

FLAG = Feature("form_x", "flag", "Hidden field", "Filled in", "Left empty")
SECONDS = Feature("form_s_log", "number", "Time", "Sent after {} s", unit="ln(1 + s)")


@pytest.mark.parametrize(
    ("feature", "value", "sentence"),
    [
        (FLAG, 1.0, "Filled in"),
        (FLAG, 0.0, "Left empty"),
        (FLAG, math.nan, "Hidden field: unknown"),
        (Feature("x", "flag", "Hidden field"), 1.0, "Hidden field: yes"),
        (SECONDS, math.log1p(12_345), "Sent after 12,345 s"),
        (SECONDS, 800.0, "Sent after 800 s"),
        (Feature("x", "number", "Share"), 0.123456, "Share: 0.1235"),
    ],
)
def test_describe(feature: Feature, value: float, sentence: str) -> None:
    assert feature.describe(value) == sentence


def test_key_is_folded_and_cut() -> None:
    assert key("  A\t B ") == "a b"
    assert key(" \u2003") is None
    assert key("x" * 1_000) == "x" * LONGEST_KEY
