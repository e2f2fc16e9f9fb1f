"""Parts of a project folder that a backup holds: where each one is, by the settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlparse
from urllib.request import url2pathname

from leadworth.platform_catalog import platforms
from models.model_registry import ModelRegistry
from store.engine import open_engine, store_url

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from leadworth.settings import Settings

STATE = ".leadworth"
NOT_COPIED = frozenset({"numba"})
"""Folders of the state that the service makes again: machine code, which another processor cannot use."""
_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class ProjectPart:
    """A part of a project.

    Attributes
    ----------
    name
        Path in the backup.
    path
        Where the settings say that it is.
    kind
        How it is copied: a file, a folder, or an SQLite database, which is copied as of one moment.
    title
        What it is, for people.
    """

    name: str
    path: Path
    kind: Literal["file", "folder", "database"]
    title: str


def project_parts(settings: Settings, settings_file: str) -> list[ProjectPart]:
    """Return the parts that the settings name, in the order in which they are copied, except the store.

    The spool, in the state, comes first, and the store after all of these: a decision that moves from the spool to the
    store meanwhile is in both copies, never in none, and is stored once. The database of the registry comes before its
    artefacts, which are written first when a model is registered.

    Parameters
    ----------
    settings
        Application settings, with their folder.
    settings_file
        Name of the settings file in that folder.
    """
    parts = [
        ProjectPart(STATE, settings.resolve(STATE), "folder", "installation key, API keys, spool, cached bundles"),
        ProjectPart(settings_file, settings.folder / settings_file, "file", "settings"),
    ]
    if settings.mql.policy is not None:
        parts.append(ProjectPart("policy", settings.resolve(settings.mql.policy), "file", "policy"))
    for name in platforms():
        credentials: Path | None = getattr(settings.export.platform(name), "credentials", None)
        if credentials is not None:
            parts.append(ProjectPart(f"credentials-{name}", settings.resolve(credentials), "file", f"key of {name}"))
    registry = ModelRegistry.of(settings)
    if registry.uri.startswith(_SQLITE):
        path = Path(registry.uri.removeprefix(_SQLITE))
        parts.append(ProjectPart("registry.db", path, "database", "registry"))
    if registry.artifacts is not None and registry.artifacts.startswith("file:"):
        folder = Path(url2pathname(urlparse(registry.artifacts).path))
        parts.append(ProjectPart("artifacts", folder, "folder", "models"))
    return parts


def store_address(settings: Settings) -> URL:
    """Return the address of the store, with its driver.

    Raises
    ------
    ConfigurationError
        If the settings name a database that cannot be used.
    """
    engine = open_engine(store_url(settings))
    engine.dispose()
    return engine.url


def not_in_a_backup(settings: Settings) -> list[str]:
    """Return sentences about what the settings name and a backup does not hold."""
    sentences = []
    if settings.secret is not None:
        sentences.append("LEADWORTH_SECRET: keep it apart; stored identifiers cannot be read without it")
    for section, source in (("leads", settings.leads.path), ("outcomes", settings.outcomes.path)):
        if source and "://" not in source and settings.resolve(source).exists():
            sentences.append(f"the export [{section}] {source}: the CRM writes it again")
    if not ModelRegistry.of(settings).uri.startswith(_SQLITE):
        sentences.append("the registry, which is on a server: back it up there; the cached champion is in the backup")
    if settings.serving.redis is not None:
        sentences.append("Redis: a cache that the store fills")
    return sentences
