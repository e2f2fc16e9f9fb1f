"""Load a bundle from a folder or from the registry, for commands that run once."""

from __future__ import annotations

import tempfile
from pathlib import Path

from leadworth.errors import ConfigurationError
from leadworth.settings import Settings
from models.bundle import Bundle
from models.model_registry import CHAMPION, ModelRegistry


def load_bundle(settings: Settings, folder: Path | None) -> Bundle:
    """Return the bundle in a folder, or the champion of the registry.

    Raises
    ------
    BundleError
        If the files do not match their manifest.
    ConfigurationError
        If its values are in another currency than the money of the settings.
    RegistryError
        If the registry does not respond or has no champion.
    """
    if folder is not None:
        return _checked(Bundle.load(folder), settings)
    registry = ModelRegistry.of(settings)
    with tempfile.TemporaryDirectory(prefix="leadworth-") as scratch:
        return _checked(Bundle.load(registry.fetch(registry.resolve(CHAMPION), Path(scratch))), settings)


def _checked(bundle: Bundle, settings: Settings) -> Bundle:
    currency = bundle.meta.currency
    if currency != settings.currency:
        raise ConfigurationError(
            f"the model (version {bundle.version}) values leads in {currency}, and `currency` of the settings is "
            f"{settings.currency}",
            allowed="one currency",
            do=f'train again, or set currency = "{currency}"',
        )
    return bundle
