"""Open the destinations that the settings name."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from conversions.destination import Destination
from leadworth.connection_context import ConnectionContext
from leadworth.platform_catalog import PACKAGE, platforms

if TYPE_CHECKING:
    from leadworth.settings import Settings


def destinations(settings: Settings) -> dict[str, Destination]:
    """Return the platforms that have an account and at least one action, by name.

    Raises
    ------
    ConfigurationError
        Where the client that a platform needs is not installed.
    """
    export = settings.export
    context = ConnectionContext(settings.folder, export.timeout_seconds)
    return {
        name: importlib.import_module(f"{PACKAGE}.{name}.adapter").connect(export.platform(name), context)
        for name in configured(settings)
    }


def configured(settings: Settings) -> tuple[str, ...]:
    """Return the names of the platforms in use, without loading any of their clients."""
    return tuple(name for name in platforms() if settings.export.platform(name).in_use())
