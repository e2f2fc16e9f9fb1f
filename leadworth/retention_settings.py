"""Section `[retention]`: how long the store keeps what it knows about people."""

from __future__ import annotations

from pydantic import Field

from leadworth.settings_section import Section

LONGEST_LOOK_BACK_DAYS = 120
"""Age up to which `leadworth export plan` compares a lead with what was decided and sent before."""


class RetentionSettings(Section):
    """How long the store keeps what it knows about people; `leadworth privacy retention` deletes the rest."""

    decisions_days: float = Field(
        400.0,
        ge=LONGEST_LOOK_BACK_DAYS,
        description="Decisions about a lead, from the last one on; longer while its identifiers are kept",
    )
    feedback_days: float = Field(1095.0, gt=0, description="Feedback on a lead, from the last one on")
    consents_days: float = Field(
        1095.0, gt=0, description="Proof of consent, from its last change on; longer while identifiers are kept"
    )
    identifiers_days: float = Field(
        90.0, gt=0, description="Encrypted identifiers for restatements, from the time of submit on"
    )
    events_days: float = Field(
        400.0,
        ge=LONGEST_LOOK_BACK_DAYS,
        description="Conversions in the outbox and receipts of platforms; longer while they can be restated",
    )
    answers_hours: float = Field(24.0, gt=0, description="Responses to an Idempotency-Key")
    facts_days: float = Field(
        1830.0,
        ge=LONGEST_LOOK_BACK_DAYS,
        description="Facts about a lead and its touches for the report, from the time of submit on; sums stay",
    )
