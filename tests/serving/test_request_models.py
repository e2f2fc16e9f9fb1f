"""Bodies of scoring calls."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from leadworth.records import Lead
from serving.request_models import MAX_ID_LENGTH, LeadBatch, ScoreRequest


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


def test_leads_of_a_batch_are_not_validated_yet() -> None:
    leads = [{"age_days": -1}, 7, {"lead_id": "A"}]
    assert LeadBatch.model_validate({"leads": leads}).leads == leads
