"""A registered version by its number or alias, as people write it in a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadworth.errors import RegistryError

if TYPE_CHECKING:
    from models.model_registry import ModelRegistry, RegisteredVersion


def find_version(registry: ModelRegistry, version_or_alias: str) -> RegisteredVersion:
    """Return the version of a number, or of an alias with or without its @.

    Raises
    ------
    RegistryError
        If there is none; the message has the numbers and aliases that there are.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from types import SimpleNamespace
    >>> from models.model_registry import RegisteredVersion
    >>> second = RegisteredVersion("2", ("champion",), datetime(2026, 11, 1, tzinfo=UTC))
    >>> registry = SimpleNamespace(model="leadworth", versions=lambda: [second])
    >>> find_version(registry, "@champion").version
    '2'
    >>> find_version(registry, "77")
    Traceback (most recent call last):
    leadworth.errors.RegistryError: leadworth has no version '77'; allowed: 2, @champion; what to do: see ...
    """
    versions = registry.versions()
    for version in versions:
        if version_or_alias == version.version or version_or_alias.removeprefix("@") in version.aliases:
            return version
    allowed = ", ".join([*(v.version for v in versions), *(f"@{a}" for v in versions for a in v.aliases)])
    raise RegistryError(
        f"{registry.model} has no version {version_or_alias!r}",
        allowed=allowed or "none yet",
        do="see `leadworth models list`" if versions else "run `leadworth train`",
    )
