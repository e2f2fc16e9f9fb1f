"""Everything an export command works with, opened from leadworth.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from conversions.encryption import IdentifierCipher
from conversions.outbox_writer import OutboxWriter
from conversions.platform_factory import destinations
from leadworth.errors import ConfigurationError, StoreError
from leadworth.settings import Settings, load_settings
from store.engine import open_engine
from store.migrate import upgrade

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from conversions.destination import Destination


@dataclass(frozen=True)
class ExportContext:
    """Settings, store, platforms and seal."""

    settings: Settings
    engine: Engine
    destinations: Mapping[str, Destination]
    submit: OutboxWriter

    @property
    def seal(self) -> IdentifierCipher:
        """Opens and closes identifiers."""
        return self.submit.seal

    def chosen(self, name: str | None) -> list[Destination]:
        """Return one platform by name, or all.

        Raises
        ------
        ConfigurationError
            Where the settings name no platform, or not this one.
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


@contextmanager
def opened(config: Path) -> Iterator[ExportContext]:
    """Open everything, the store brought to this version.

    Raises
    ------
    ConfigurationError
        Where the settings cannot be used.
    StoreError
        Where the store does not answer.
    """
    settings = load_settings(config)
    engine = open_engine(settings.database(settings.serving.store.get_secret_value()))
    named: dict[str, Destination] = {}
    try:
        upgrade(engine)
        named = destinations(settings)
        yield ExportContext(
            settings, engine, named, OutboxWriter(named, IdentifierCipher.of(settings), settings.export.keep_days)
        )
    except SQLAlchemyError as error:
        raise StoreError(f"the store did not answer ({type(error).__name__})", do="see that it runs") from error
    finally:
        for one in named.values():
            one.close()
        engine.dispose()
