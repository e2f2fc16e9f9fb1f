"""Sections of the sources of spend and traffic."""

from __future__ import annotations

import importlib

import pytest
from pydantic import SecretStr, ValidationError

from leadworth.report_settings import ReportSettings
from leadworth.source_settings import PACKAGE, SourceSettings, source_names


def test_every_folder_has_a_section_and_none_is_in_use_by_default() -> None:
    sources = ReportSettings().sources
    for name in source_names():
        section = sources.section(name)
        assert type(section) is importlib.import_module(f"{PACKAGE}.{name}.settings").SECTION
        assert not section.in_use()
        assert section.title
        assert section.lookback_days == 30


@pytest.mark.parametrize("name", source_names())
def test_tokens_are_secrets(name: str) -> None:
    section = SourceSettings().section(name)
    assert section.missing_secrets() == list(section.required_secrets)
    for secret in section.required_secrets:
        assert isinstance(getattr(section, secret), SecretStr)
    for field in type(section).model_fields:
        if field.endswith(("token", "secret")):
            assert isinstance(getattr(section, field), SecretStr), field


@pytest.mark.parametrize(
    "content",
    [{"myspace": {}}, {"meta": {"acounts": ["1"]}}, {"meta": {"lookback_days": 0}}, {"meta": {"accounts": ["me"]}}],
)
def test_what_is_no_setting_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ReportSettings(sources=content)  # type: ignore[arg-type]
