"""Load a bundle from a folder or from the registry, for commands that run once."""

from __future__ import annotations

import tempfile
from pathlib import Path

from leadworth.settings import Settings
from models.bundle import Bundle
from models.model_registry import CHAMPION, ModelRegistry


def load_bundle(settings: Settings, folder: Path | None) -> Bundle:
    """Return the bundle in a folder, or the champion of the registry.

    Raises
    ------
    BundleError
        If the files do not match their manifest.
    RegistryError
        If the registry does not respond or has no champion.
    """
    if folder is not None:
        return Bundle.load(folder)
    registry = ModelRegistry.of(settings)
    with tempfile.TemporaryDirectory(prefix="leadworth-") as scratch:
        return Bundle.load(registry.fetch(registry.resolve(CHAMPION), Path(scratch)))
