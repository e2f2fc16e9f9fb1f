"""Versions that can be approved."""

from __future__ import annotations

from pathlib import Path

import pytest

from conversions.model_approval import approvable_version
from leadworth.errors import RegistryError
from tests.conversions.export_setup import ExportSetup, lead
from tests.make_bundle import make_bundle
from tests.make_registry import make_registry


def test_versions_of_the_registry_and_of_the_outbox(export: ExportSetup, tmp_path: Path) -> None:
    registry = make_registry(tmp_path)
    registry.register(make_bundle().save(tmp_path / "bundle"))
    registry.set_alias("champion", "1")
    settings = export.settings.model_copy(
        update={"registry": export.settings.registry.model_copy(update={"uri": registry.uri})}
    )
    export.add(lead(), to=("google",), score={"model_version": "0f3a5b"})
    with export.engine.connect() as connection:
        named = [approvable_version(connection, settings, version) for version in ("1", "champion", "0f3a5b")]
        assert named == ["1", "1", "0f3a5b"]
        with pytest.raises(RegistryError, match="no version '99'"):
            approvable_version(connection, settings, "99")
