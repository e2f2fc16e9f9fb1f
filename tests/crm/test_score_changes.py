"""Score fields of a record, and when they are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.score_changes import REFRESH, BandScale, is_worth_writing, score_values
from crm.score_fields import BANDS, SCORE_FIELDS

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SCALE = BandScale((20.0, 5.0, 2.0, 1.0), 0.4, 25.0)
probabilities = st.floats(0.0, 1.0)


@given(st.floats(0.0, 1e7), st.floats(0.0, 1e7))
def test_a_larger_value_never_has_a_worse_band(one: float, other: float) -> None:
    bands = [SCALE.band(value, 0.0, "accept") for value in sorted((one, other))]
    assert BANDS.index(bands[0]) >= BANDS.index(bands[1])


def test_without_revenue_the_probability_makes_the_band() -> None:
    scale = BandScale((4.0, 2.0, 1.0, 0.5), 0.4, 25.0, least_probability=0.1)
    assert [scale.band(1.0, win, "review") for win in (0.4, 0.2, 0.1, 0.05, 0.01)] == list(BANDS)


@given(probabilities, probabilities, st.text(max_size=400))
def test_values_fit_into_the_fields_of_the_crm(win: float, junk: float, reasons: str) -> None:
    score = {"win_probability": win, "junk_probability": junk, "reasons": reasons, "model_version": "7"}
    values = score_values(score, "A", NOW)
    assert set(values) == {field.name for field in SCORE_FIELDS}
    for field in SCORE_FIELDS:
        if field.length:
            assert len(str(values[field.name])) <= field.length
    assert values["lw_win_probability"] == pytest.approx(win, abs=5e-5)
    assert is_worth_writing(values, values, NOW, NOW + REFRESH - timedelta(seconds=1)) is False


@given(probabilities, probabilities)
def test_a_probability_is_written_if_it_moved_by_more_than_a_hundredth(old: float, new: float) -> None:
    written = score_values({"win_probability": old}, "A", NOW)
    values = score_values({"win_probability": new}, "A", NOW)
    moved = abs(round(new, 4) - round(old, 4))
    if abs(moved - 0.01) > 1e-9:
        assert is_worth_writing(values, written, NOW, NOW) is (moved > 0.01)


def test_a_new_model_and_a_month_are_reasons_to_write() -> None:
    values = score_values({"win_probability": 0.1, "model_version": "2"}, "A", NOW)
    assert is_worth_writing(values, {**values, "lw_model": "1"}, NOW, NOW)
    assert is_worth_writing(values, values, NOW - REFRESH, NOW)
    assert is_worth_writing(values, None, None, NOW)
