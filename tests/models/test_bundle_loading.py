"""Bundles for commands that run once."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadworth.errors import ConfigurationError
from leadworth.settings import Settings
from models.bundle_loading import load_bundle
from tests.make_bundle import make_bundle


def test_a_model_in_another_currency_is_refused(tmp_path: Path) -> None:
    bundle = make_bundle()
    bundle.save(tmp_path / "bundle")
    assert bundle.meta.currency == "EUR"
    assert load_bundle(Settings(currency="EUR", leads={}), tmp_path / "bundle").id == bundle.id
    with pytest.raises(ConfigurationError, match="values leads in EUR, and `currency` of the settings is USD"):
        load_bundle(Settings(currency="USD", leads={}), tmp_path / "bundle")
