"""Bodies of scoring calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from leadworth.records import Lead
from serving.request_models import MAX_ID_LENGTH, LeadBatch, ScoreRequest, with_identity

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_unreadable_values_of_a_lead_count_as_missing() -> None:
    lead = ScoreRequest.model_validate({"employees": "about fifty", "email": {"a": 1}, "Seats": 3, "age_days": " "})
    plain = Lead.model_validate({"employees": "about fifty", "email": {"a": 1}, "Seats": 3})
    assert lead.age_days is None
    assert lead.extras == plain.extras == {"Seats": 3}
    assert lead.model_dump(exclude={"age_days"}) == plain.model_dump()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"age_days": -1}, "invalid-age"),
        ({"age_days": True}, "invalid-age"),
        ({"lead_id": "x" * (MAX_ID_LENGTH + 1)}, "lead-id-too-long"),
    ],
)
def test_arguments_of_the_call_are_strict(body: dict[str, object], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ScoreRequest.model_validate(body)
    assert [error["type"] for error in refused.value.errors()] == [code]


def test_missing_identity_is_filled_in() -> None:
    made = with_identity(Lead(), NOW)
    assert made.submitted_at == NOW
    assert made.lead_id
    whole = Lead(lead_id="7", submitted_at="2026-05-01T10:00:00Z")
    assert with_identity(whole, NOW) is whole


def test_a_time_in_the_future_is_cut() -> None:
    ahead = Lead(lead_id="7", submitted_at=NOW + timedelta(days=3_000))
    assert with_identity(ahead, NOW).submitted_at == NOW + timedelta(seconds=60)
    slightly = Lead(lead_id="7", submitted_at=NOW + timedelta(seconds=30))
    assert with_identity(slightly, NOW) is slightly


def test_leads_of_a_batch_are_not_validated_yet() -> None:
    leads = [{"age_days": -1}, 7, {"lead_id": "A"}]
    assert LeadBatch.model_validate({"leads": leads}).leads == leads
