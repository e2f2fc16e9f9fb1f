"""A lead takes what it is given; an outcome and a score do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from leadworth.records import CLICK_IDS, SCORE_COLUMNS, Lead, Outcome, Score, fields_of

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(list(Lead.model_fields)) | st.text(min_size=1), json_values))
def test_any_json_object_is_a_lead(given_fields: dict[str, object]) -> None:
    lead = Lead.model_validate(given_fields)
    assert set(lead.extras) == set(given_fields) - set(Lead.model_fields)


@given(st.dictionaries(st.sampled_from(list(Lead.model_fields)), json_values))
def test_reading_a_lead_twice_changes_nothing(given_fields: dict[str, object]) -> None:
    lead = Lead.model_validate(given_fields)
    assert Lead.model_validate(lead.model_dump()) == lead


def test_every_field_has_one_kind() -> None:
    kinds = [fields_of("text"), fields_of("number"), fields_of("flag"), fields_of("moment"), fields_of("consent")]
    assert sorted(name for kind in kinds for name in kind) == sorted(Lead.model_fields)


def test_every_click_id_is_a_field() -> None:
    assert set(CLICK_IDS) <= set(fields_of("text"))


def test_a_lead_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Lead(lead_id="7").email = "ada@example.org"


@pytest.mark.parametrize("wrong", [{"revenue": -1}, {"won_at": "2026-03-01T10:00:00"}])
def test_an_outcome_refuses_what_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Outcome.model_validate({"lead_id": "7", **wrong})


def test_the_columns_of_a_score_stand_in_the_promised_order() -> None:
    assert SCORE_COLUMNS == (
        "scored_at", "model_version", "win_probability", "expected_revenue", "predicted_value", "currency",
        "junk_probability", "automation_probability", "verdict", "mql", "mql_reason", "reasons",
    )  # fmt: skip


def test_a_score_refuses_a_probability_above_one() -> None:
    with pytest.raises(ValidationError, match="win_probability"):
        Score.model_validate({"win_probability": 1.2})
