"""Versions by number or alias."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadworth.errors import RegistryError
from models.version_lookup import find_version
from tests.make_bundle import make_bundle
from tests.make_registry import make_registry


def test_version_by_number_or_alias(tmp_path: Path) -> None:
    registry = make_registry(tmp_path)
    with pytest.raises(RegistryError, match="allowed: none yet; what to do: run `leadworth train`"):
        find_version(registry, "1")
    registry.register(make_bundle().save(tmp_path / "bundle"))
    registry.set_alias("champion", "1")
    assert {find_version(registry, named).version for named in ("1", "champion", "@champion")} == {"1"}
    with pytest.raises(RegistryError, match="no version '77'; allowed: 1, @champion"):
        find_version(registry, "77")
