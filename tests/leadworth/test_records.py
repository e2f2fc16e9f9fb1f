"""Leads are read leniently, scores strictly."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from features.payload_kernel import LONGEST
from leadworth.readers.text_reader import LONGEST_EXTRA
from leadworth.records import (
    CLICK_IDS,
    SCORE_COLUMNS,
    FormFields,
    Identity,
    Lead,
    Score,
    ServerFields,
    ServiceFields,
    fields_of,
    limit_of,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(list(Lead.model_fields)) | st.text(min_size=1), json_values))
def test_any_json_object_is_a_lead(fields: dict[str, object]) -> None:
    lead = Lead.model_validate(fields)
    assert set(lead.extras) == set(fields) - set(Lead.model_fields)


@given(st.dictionaries(st.sampled_from(list(Lead.model_fields)), json_values))
def test_reading_a_lead_twice_changes_nothing(fields: dict[str, object]) -> None:
    lead = Lead.model_validate(fields)
    assert Lead.model_validate(lead.model_dump()) == lead


def test_every_field_has_one_kind() -> None:
    kinds = [fields_of("text"), fields_of("number"), fields_of("flag"), fields_of("moment"), fields_of("consent")]
    assert sorted(name for kind in kinds for name in kind) == sorted(Lead.model_fields)


GROUPS = (Identity, FormFields, ServerFields, ServiceFields)


def test_every_field_belongs_to_exactly_one_group() -> None:
    """A field declared on `Lead` itself would be in no group: it would be undefined who may set it."""
    assert [name for group in GROUPS for name in group.model_fields] == list(Lead.model_fields)
    assert set(Lead.__annotations__) == {"__pydantic_extra__"}


def test_a_visitor_may_set_profile_attribution_consent_and_what_the_collector_saw() -> None:
    assert set(FormFields.model_fields) == {
        "email",
        "first_name",
        "last_name",
        "phone",
        "company",
        "website",
        "job_title",
        "employees",
        "industry",
        "country",
        "postal_code",
        "budget",
        "message",
        "source",
        "medium",
        "campaign",
        "term",
        "content",
        "landing_page",
        "referrer",
        *CLICK_IDS,
        "ga_client_id",
        "meta_lead_id",
        "clicked_at",
        "consent_ad_user_data",
        "consent_ad_personalization",
        "consent_source",
        "lw_data",
        "form_token",
    }


@pytest.mark.parametrize("name", fields_of("text"))
def test_every_text_field_is_cut_when_it_is_read(name: str) -> None:
    limit = limit_of(name)
    assert limit <= 20_000
    lead = Lead(**{name: "\x00 é" + "x" * 400_000})
    assert getattr(lead, name) == "é" + "x" * (limit - 1)


def test_a_cut_payload_is_never_read_as_a_whole_one() -> None:
    assert limit_of("lw_data") > LONGEST


def test_extras_are_cut_too() -> None:
    lead = Lead(Wish="x" * 400_000, Seats=30, Nested=[["y" * 400_000]], Nul="a\x00b")
    assert len(lead.extras["Wish"]) == len(lead.extras["Nested"]) == LONGEST_EXTRA
    assert (lead.extras["Seats"], lead.extras["Nul"]) == (30, "ab")


def test_every_click_id_is_a_field() -> None:
    assert set(CLICK_IDS) <= set(fields_of("text"))


def test_a_lead_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Lead(lead_id="7").email = "ada@example.org"


def test_the_columns_of_a_score_have_the_documented_order() -> None:
    assert SCORE_COLUMNS == (
        "scored_at",
        "model_version",
        "win_probability",
        "expected_revenue",
        "predicted_value",
        "currency",
        "junk_probability",
        "automation_probability",
        "verdict",
        "mql",
        "mql_reason",
        "reasons",
    )


def test_a_score_refuses_a_probability_above_one() -> None:
    with pytest.raises(ValidationError, match="win_probability"):
        Score.model_validate({"win_probability": 1.2})


@pytest.mark.parametrize("written", ["undefined", "null", "NULL", "(not set)", "None", "{gclid}", "N/A", "-", "nan"])
def test_placeholders_are_no_click_ids(written: str) -> None:
    lead = Lead.model_validate(dict.fromkeys((*CLICK_IDS, "ga_client_id", "meta_lead_id", "email", "phone"), written))
    assert {getattr(lead, name) for name in Lead.model_fields} == {None}


def test_a_placeholder_of_consent_is_not_granted() -> None:
    assert Lead(consent_ad_user_data="N/A").consent_ad_user_data is False
    assert Lead(consent_ad_user_data=None).consent_ad_user_data is None


@pytest.mark.parametrize("written", ["on", "WAHR", "✓", "1.00", 1, True, "はい"])
def test_a_ticked_box_is_yes(written: object) -> None:
    assert Lead(honeypot_filled=written, demo_requested=written).honeypot_filled is True


def test_composed_and_decomposed_names_are_one_name() -> None:
    assert Lead(last_name="Pe\u0301rez") == Lead(last_name="Pérez")


MARKS = "a" + "\u0301\u0327" * 100_000
"""Combining marks out of order: the standard library puts them in order in quadratic time, here a minute."""
WRITTEN = {
    "marks": MARKS,
    "marks before": MARKS[1:],
    "expanding": "\ufdfa" * 100_000,
    "digits": "9" * 100_000,
    "date of digits": f"/Date({'9' * 400})/",
    "date of many digits": f"/Date({'9' * 5_000})/",
    "decimals": f"{'9' * 400}.5",
    "exponent": "1e999999999",
    "whole number": 10**400,
    "largest written": 10**4_299,
    "negative": -(10**4_299),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_no_value_fails_a_lead_or_takes_more_than_linear_time(written: object) -> None:
    lead = Lead.model_validate({**dict.fromkeys(Lead.model_fields, written), "Seats": written})
    for name in fields_of("number"):
        value = getattr(lead, name)
        assert value is None or math.isfinite(value)
    assert {getattr(lead, name) for name in (*fields_of("moment"), *fields_of("flag"))} == {None}
    assert {getattr(lead, name) for name in fields_of("consent")} == {False}
    assert all(len(getattr(lead, name) or "") <= limit_of(name) for name in fields_of("text"))
