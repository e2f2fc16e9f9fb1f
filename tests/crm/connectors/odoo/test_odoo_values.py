"""Values of Odoo, and the outcome of a lead."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.connectors.odoo.odoo_values import (
    fields_of,
    origin_of,
    outcome_stage,
    plain_text,
    read_time,
    record_of,
    value_of,
    write_time,
)
from leadworth.crm_records import RecordState


@pytest.mark.parametrize(
    ("active", "probability", "stage", "expected"),
    [
        (True, 20.0, 2, "2"),
        (True, 100.0, 4, "4"),
        (True, 100.0, 2, "won"),
        (True, 90.0, 4, "undecided"),
        (False, 0.0, 2, "lost"),
        (False, 0.0, 4, "lost"),
        (False, 10.0, 2, "archived"),
        (False, 100.0, 4, "archived"),
        (True, 0.0, None, ""),
    ],
)
def test_the_outcome_follows_from_archive_probability_and_stage(
    active: bool, probability: float, stage: int | None, expected: str
) -> None:
    assert outcome_stage(active, probability, stage, {4}) == expected


@pytest.mark.parametrize(
    "kind", ["char", "text", "html", "float", "integer", "many2one", "datetime", "date", "selection"]
)
def test_false_is_no_value_except_for_a_flag(kind: str) -> None:
    assert value_of(False, kind) is None
    assert value_of("", kind) is None
    assert value_of(False, "boolean") is False


def test_zero_is_a_value() -> None:
    assert value_of(0.0, "float") == 0.0
    assert value_of(0, "integer") == 0


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_times_are_utc_to_the_second(at: datetime) -> None:
    assert read_time(write_time(at)) == at.replace(microsecond=0)


def test_a_date_is_never_shifted() -> None:
    assert value_of("2026-03-01", "date") == "2026-03-01"


@given(st.text(alphabet=st.characters(exclude_categories=["C"], exclude_characters="<>&"), min_size=1))
def test_text_without_markup_stays_as_it_is(text: str) -> None:
    assert plain_text(f"<p>{text}</p>") == text.strip()


@given(st.integers(1, 10**9), st.sampled_from(["odoo", "openerp"]))
def test_a_message_tells_the_lead_that_it_was_written_on(lead: int, product: str) -> None:
    assert origin_of(f"<123.17.5-{product}-{lead}-crm.lead@host>") == lead
    assert origin_of(f"<123.17.5-{product}-{lead}-res.partner@host>") is None


def test_a_record_has_the_names_of_its_references_and_its_state() -> None:
    row = {
        "id": 9, "create_date": "2026-03-01 08:00:00", "write_date": "2026-03-02 08:00:00", "write_uid": [2, "Anna"],
        "active": False, "probability": 0.0, "stage_id": [2, "Qualified"], "source_id": [5, "google"],
    }  # fmt: skip
    record = record_of(
        "crm.lead", row, ["source_id", "source_id/name", "outcome_stage"], {"source_id": "many2one"}, {4}
    )
    assert record.values == {"source_id": 5, "source_id/name": "google", "outcome_stage": "lost"}
    assert (record.state, record.modified_by, record.record_id) == (RecordState.ARCHIVED, "2", "9")


def test_fields_that_are_not_stored_count_as_calculated() -> None:
    described = {
        "source_id": {"type": "many2one", "string": "Source", "store": True},
        "is_blacklisted": {"type": "boolean", "string": "Blacklist", "store": False, "readonly": True},
    }
    fields = {field.name: field for field in fields_of(described, with_outcome=True)}
    assert set(fields) == {"source_id", "source_id/name", "is_blacklisted", "outcome_stage"}
    assert [name for name, field in fields.items() if not field.calculated] == ["source_id"]
