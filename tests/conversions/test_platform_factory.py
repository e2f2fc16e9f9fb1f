"""Destinations that the settings name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conversions.platform_factory import configured, destinations
from leadworth import connection_context
from leadworth.errors import ConfigurationError
from leadworth.settings import Settings


def settings(folder: Path, **export: Any) -> Settings:
    return Settings(currency="EUR", leads={}, export=export, folder=folder)


@pytest.mark.parametrize(
    ("export", "names"),
    [
        ({}, ()),
        ({"meta": {"dataset": "1"}}, ("meta",)),
        ({"google": {"customer": "1"}}, ()),
        ({"google": {"customer": "1", "actions": {"lead": "2"}}}, ("google",)),
        ({"linkedin": {"actions": {"won": "2"}}, "meta": {"dataset": "1"}}, ("linkedin", "meta")),
        ({"google_file": {"actions": {"lead": "Lead"}}}, ("google_file",)),
    ],
)
def test_a_platform_is_in_use_with_an_account_and_an_action(
    tmp_path: Path, export: dict[str, Any], names: tuple[str, ...]
) -> None:
    assert configured(settings(tmp_path, **export)) == names


def test_paths_are_relative_to_the_settings(tmp_path: Path) -> None:
    export = {"google_file": {"actions": {"lead": "Lead"}, "folder": "out"}}
    assert destinations(settings(tmp_path, **export))["google_file"].folder == tmp_path / "out"  # type: ignore[attr-defined]


def test_a_missing_client_is_an_error_that_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_context, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"install leadworth\[google\]"):
        destinations(settings(tmp_path, google={"customer": "1", "actions": {"lead": "2"}}))
