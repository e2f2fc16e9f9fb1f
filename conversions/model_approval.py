"""Versions that `leadworth export approve` accepts: those of the registry, and those that the outbox has values of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.model_registry import ModelRegistry
from models.version_lookup import find_version
from store.outbox_queries import has_values_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.settings import Settings


def approvable_version(connection: Connection, settings: Settings, named: str) -> str:
    """Return the version that a number, or an alias such as champion, names.

    A bundle that was given by its folder is in no registry; the outbox has its values by the id of the bundle.

    Parameters
    ----------
    connection
        Connection to the store.
    settings
        Application settings.
    named
        Number or alias of a registered version, or the version of events in the outbox.

    Raises
    ------
    RegistryError
        If neither the outbox nor the registry has it, or the registry does not answer.
    """
    return named if has_values_of(connection, named) else find_version(ModelRegistry.of(settings), named).version
