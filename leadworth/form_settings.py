"""Settings of forms: the section [forms] of leadworth.toml."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from leadworth.records import AGE, FormFields, Lead
from leadworth.settings_section import Names, Section

SECRET_LENGTH = 32
"""Fewest characters of a secret that signs."""


class FormSettings(Section):
    """Forms that carry the collector and its signed token."""

    protected: Names = Field((), description='Their ids; "*" for all: a missing token then counts as a signal')
    unprotected: Names = Field(
        (), description="Ids of forms without the collector; other forms count as protected where `protected` names any"
    )
    honeypot: str = Field("fax_number", description="Name of the hidden field that people leave empty")
    fields: Names = Field(
        (),
        description="Further columns that a visitor may set, such as those of [leads.features] that are in the form",
    )
    per_minute: int = Field(
        30, ge=0, description="Submissions of one address in a minute; further ones get 429. 0: no limit"
    )
    demo: bool = Field(False, description="Serve a landing page at /v1/forms/{form}/demo, to try it out")
    token_hours: float = Field(24.0, gt=0, description="Age up to which a token is valid")
    fresh_hours: float = Field(2.0, gt=0, description="Age above which the time at the form counts as unknown")
    origins: Names = Field(("*",), description="Origins of pages that may fetch tokens (CORS)")
    keys: tuple[SecretStr, ...] = Field(
        (),
        description="Keys of tokens, 32 characters or more: the first signs, all verify; left out: a generated key in "
        ".leadworth",
    )

    @field_validator("keys")
    @classmethod
    def _long_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < SECRET_LENGTH for key in keys):
            raise ValueError(f"a key of [forms] is too short; allowed: {SECRET_LENGTH} characters or more")
        return keys

    @model_validator(mode="after")
    def _settable(self) -> Self:
        refused = sorted(set(self.fields) & ({*Lead.model_fields, AGE} - set(FormFields.model_fields)))
        if refused:
            raise ValueError(
                f"[forms] fields names {', '.join(refused)}, which a visitor must not set: only your server or the "
                "service knows them; allowed: columns of the form that are not standard fields; send the named ones "
                "from your server with POST /v1/scores"
            )
        return self
