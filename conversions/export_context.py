"""Settings, store and platforms of an export command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conversions.outbox_writer import OutboxWriter
from conversions.platform_factory import destinations
from leadworth.channel_groups import channel_groups
from leadworth.clock import Clock, utc_now
from leadworth.encryption import IdentifierCipher
from leadworth.errors import ConfigurationError
from leadworth.readers.moment_reader import read_as_of
from leadworth.settings import Settings, load_settings
from store.audit_log import AuditActor, AuditEntry, AuditLog
from store.engine import open_store

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from conversions.destination import Destination


@dataclass(frozen=True)
class ExportContext:
    """Settings, store, platforms and outbox writer."""

    settings: Settings
    engine: Engine
    destinations: Mapping[str, Destination]
    writer: OutboxWriter

    @property
    def cipher(self) -> IdentifierCipher:
        """Cipher of the identifiers."""
        return self.writer.cipher

    @property
    def audit_log(self) -> AuditLog:
        """Audit log of the installation."""
        return AuditLog.of(self.settings)

    def audit(self, connection: Connection, entry: AuditEntry) -> None:
        """Record an action of this user in the transaction of its change."""
        self.audit_log.record(connection, AuditActor.local_user(), entry)

    def record(self, entry: AuditEntry) -> None:
        """Record an action of this user that is done."""
        with self.engine.begin() as connection:
            self.audit(connection, entry)

    def clock(self, as_of: str | None) -> tuple[Clock, datetime | None]:
        """Return the clock of a replay and its time; the present and None where `as_of` is None.

        Raises
        ------
        InputError
            Where the time cannot be read.
        """
        moment = read_as_of(as_of, self.settings.zone)
        return (utc_now if moment is None else lambda: moment), moment

    def require_local(self, destinations: Iterable[Destination]) -> None:
        """Require that platforms are local peers: a replay must not reach a real account.

        Raises
        ------
        ConfigurationError
            If one is not on this machine.
        """
        for destination in destinations:
            section = self.settings.export.platform(destination.name)
            if not _is_local(getattr(section, "endpoint", "")):
                raise ConfigurationError(
                    f"--as-of would send a replayed period to {destination.name}",
                    allowed="an endpoint on this machine",
                    do="run `leadworth export sandbox` and set the variables that it prints, or leave --as-of out",
                )

    def select(self, name: str | None) -> list[Destination]:
        """Return one platform by name, or all.

        Raises
        ------
        ConfigurationError
            If the settings name no platform, or not this one.
        """
        if not self.destinations:
            raise ConfigurationError(
                "[export] names no ad platform", do="see docs/how-to/export.md, or try `leadworth export sandbox`"
            )
        if name is None:
            return list(self.destinations.values())
        if name not in self.destinations:
            raise ConfigurationError(f"{name!r} is not set up", allowed=", ".join(self.destinations))
        return [self.destinations[name]]


def _is_local(endpoint: str) -> bool:
    """Return whether an address, with or without a scheme, is on this machine."""
    host = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}").hostname
    return host in ("127.0.0.1", "localhost", "::1")


@contextmanager
def open_export(config: Path) -> Iterator[ExportContext]:
    """Open the store, migrated, and the platforms; close them after the block.

    Raises
    ------
    ConfigurationError
        If the settings cannot be used.
    StoreError
        If the store does not answer.
    """
    settings = load_settings(config)
    with open_store(settings, migrate=True) as engine:
        platforms = destinations(settings)
        writer = OutboxWriter(
            platforms,
            IdentifierCipher.from_settings(settings),
            settings.retention.identifiers_days,
            channel_groups(settings),
        )
        try:
            yield ExportContext(settings, engine, platforms, writer)
        finally:
            for platform in platforms.values():
                platform.close()
