"""Champion: the model in use, held in memory and swapped when the alias of the registry moves."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog

from leadworth.errors import BundleError, LeadworthError
from leadworth.records import Lead
from models.bundle import Bundle
from models.model_registry import CHAMPION
from serving import service_metrics
from serving.worker_metrics import remove_series
from store import store_metrics

if TYPE_CHECKING:
    from leadworth.settings import Settings

log = structlog.get_logger()

FIRST_LOOK_SECONDS = 30.0
KEPT_VERSIONS = 5
LAST = "last.json"


class Versions(Protocol):
    """Registry of model versions, as far as the service uses it."""

    def resolve(self, alias: str) -> str:
        """Return the version that an alias names."""

    def fetch(self, version: str, to: Path) -> Path:
        """Copy the bundle of a version into a folder of its own below `to`, unless it is there; return that."""


@dataclass(frozen=True)
class Loaded:
    """A loaded model."""

    version: str
    bundle: Bundle
    loaded_at: datetime


class Champion:
    """Follow the champion of a registry, on a thread of its own.

    Parameters
    ----------
    registry
        Source of the alias and of bundles.
    folder
        Cache of bundles, so that a restart works while the registry is away.
    reload_seconds
        Time between two look-ups of the alias.

    Notes
    -----
    A request reads `current` once, so that a swap does not affect it.
    """

    def __init__(self, registry: Versions, folder: Path, reload_seconds: float) -> None:
        self._registry = registry
        self._folder = folder
        self._reload_seconds = reload_seconds
        self._thread = threading.Thread(target=self._follow, name="champion", daemon=True)
        self._first = threading.Event()
        self._stopping = threading.Event()
        self.current: Loaded | None = None
        self.away: str | None = "not looked up yet"
        self.error: Exception | None = None

    def start(self) -> None:
        """Load the champion; if the registry does not answer, the last one in use."""
        self._thread.start()
        self._first.wait(FIRST_LOOK_SECONDS)
        if self.current is None:
            self._restore()

    def stop(self) -> None:
        """Stop the thread; wait at most a second for a look-up in progress."""
        self._stopping.set()
        self._thread.join(timeout=1.0)

    def look(self) -> None:
        """Look the alias up once, and load its version if it is new."""
        try:
            version = self._registry.resolve(CHAMPION)
            if self.current is None or version != self.current.version:
                self._use(version)
            self._set_away(None)
        except Exception as error:  # the model in use goes on scoring
            self._set_away(type(error).__name__, error)

    def _follow(self) -> None:
        while not self._stopping.is_set():
            self.look()
            self._first.set()
            self._stopping.wait(self._reload_seconds)

    def _use(self, version: str) -> None:
        with _locked(self._folder):
            folder = self._registry.fetch(version, self._folder)
            try:
                loaded = _load(folder, version)
            except BundleError as error:
                log.warning("cached bundle is damaged, fetching it again", version=version, error=str(error))
                shutil.rmtree(folder)
                loaded = _load(self._registry.fetch(version, self._folder), version)
            self._remember(folder, version)
        self._swap(loaded)

    def _swap(self, loaded: Loaded) -> None:
        loaded.bundle.score(Lead(), scored_at=loaded.loaded_at)
        self.current = loaded
        remove_series(service_metrics.CHAMPION)
        remove_series(service_metrics.CHAMPION_AS_OF)
        if (as_of := loaded.bundle.meta.as_of) is not None:
            service_metrics.CHAMPION_AS_OF.labels(loaded.version).set(as_of.timestamp())
        service_metrics.CHAMPION.labels(loaded.version).set(loaded.loaded_at.timestamp())
        log.info("champion loaded", version=loaded.version, bundle=loaded.bundle.id[:12])

    def _restore(self) -> None:
        """Load the last bundle in use from the cache."""
        try:
            last = json.loads((self._folder / LAST).read_bytes())
            self._swap(_load(self._folder / last["folder"], last["version"]))
            log.warning("registry is away, using the last champion", version=last["version"])
        except (OSError, ValueError, KeyError, LeadworthError) as error:
            log.error("no champion to score with", error=type(error).__name__)

    def _remember(self, folder: Path, version: str) -> None:
        """Write the version down for a restart, and delete old bundles from the cache."""
        temporary = self._folder / f".{LAST}"
        temporary.write_text(json.dumps({"version": version, "folder": folder.name}), encoding="utf-8")
        temporary.replace(self._folder / LAST)
        os.utime(folder)
        bundles = sorted((path for path in self._folder.iterdir() if path.is_dir()), key=_modified_at)
        for old in bundles[:-KEPT_VERSIONS]:
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)

    def _set_away(self, away: str | None, error: Exception | None = None) -> None:
        if away != self.away and (away or self.away != "not looked up yet"):
            if error is not None:
                log.error("champion cannot be looked up", error=str(error))
            else:
                log.info("champion can be looked up again")
        self.away = away
        self.error = error
        store_metrics.DEGRADED.labels("registry").set(0 if away is None else 1)


def _load(folder: Path, version: str) -> Loaded:
    return Loaded(version, Bundle.load(folder), datetime.now(UTC))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, so that one process at a time writes into it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _modified_at(path: Path) -> float:
    return path.stat().st_mtime


def cache_folder(settings: Settings) -> Path:
    """Return the folder that caches the bundles of the model of the settings."""
    registry = f"{settings.database(settings.registry.uri)}\n{settings.registry.model}"
    name = f"{settings.registry.model}-{hashlib.sha256(registry.encode()).hexdigest()[:12]}"
    return settings.resolve(".leadworth") / "bundles" / name
