"""Open the connection with a CRM that the settings name."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

from crm.connector import Connector
from leadworth.crm_catalog import PACKAGE, crms
from leadworth.errors import ConfigurationError, DeliveryError
from leadworth.http_client import HttpClient
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from leadworth.settings import Settings


def require_crm(name: str) -> None:
    """Raise ConfigurationError if there is no connector of a name."""
    if name not in crms():
        raise ConfigurationError(f"there is no connector for {name!r}", allowed=", ".join(crms()) or "none")


@contextmanager
def open_connector(settings: Settings, name: str, *, offline: bool = False) -> Iterator[Connector]:
    """Open a connector, and close it after the block.

    Parameters
    ----------
    name
        Name of the connector.
    offline
        Only what the settings and the catalog say is used; no credentials are needed.

    Raises
    ------
    ConfigurationError
        If there is no such connector, or its credentials are not set.
    """
    require_crm(name)
    section = settings.crm.section(name)
    missing = section.missing_secrets()
    if missing and not offline:
        variables = ", ".join(f"LEADWORTH_CRM__{name.upper()}__{secret.upper()}" for secret in missing)
        raise ConfigurationError(
            f"[crm.{name}] has no {', '.join(missing)}",
            do=f"set {variables}, or run `leadworth crm connect {name}` at a terminal, which asks for it",
        )
    connect = importlib.import_module(f"{PACKAGE}.{name}.connector").connect
    connector: Connector = connect(section, HttpClient(section.timeout_seconds), settings.currency)
    try:
        yield connector
    finally:
        connector.close()


@contextmanager
def naming_crm(name: str) -> Iterator[None]:
    """Name the CRM in the errors of its requests, and the command that finds the cause.

    Raises
    ------
    DeliveryError
        If the CRM refuses the credentials or does not answer.
    """
    try:
        yield
    except (BusyError, UnansweredError, UnauthorisedError) as error:
        do = f"run `leadworth crm doctor {name}`, which finds the cause; what was done stays"
        raise DeliveryError(f"{crms()[name].title}: {error.given}", do=do) from error
