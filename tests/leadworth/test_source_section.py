"""Base of the sections of sources."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from leadworth.source_section import SourceSection, ZoneName


class MadeUpSection(SourceSection):
    title = "Made up"
    required_secrets = ("token",)

    token: SecretStr = SecretStr("")
    zone: ZoneName = "UTC"


def test_a_section_with_an_account_is_in_use() -> None:
    assert not MadeUpSection().in_use()
    assert MadeUpSection(accounts=("1",)).in_use()


def test_empty_secrets_are_missing() -> None:
    assert MadeUpSection().missing_secrets() == ["token"]
    assert MadeUpSection(token=SecretStr("x")).missing_secrets() == []


def test_a_zone_is_an_iana_name() -> None:
    assert MadeUpSection(zone="Europe/Rome").zone == "Europe/Rome"
    with pytest.raises(ValidationError, match="not an IANA time zone"):
        MadeUpSection(zone="Rome")
