"""`leadworth keys`: create, list, rotate and revoke API keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console, table
from leadworth.errors import InputError
from leadworth.settings import FILE_NAME, load_settings
from serving import api_keys
from serving.key_expiry import read_duration, read_expiry
from store.audit_log import AuditActor, AuditEntry, AuditLog
from store.engine import open_store

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = typer.Typer(add_completion=False, no_args_is_help=True)

Config = Annotated[Path, typer.Option("--config", "-c", help="Settings file.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the key.")]
Expires = Annotated[
    str | None, typer.Option("--expires", help="Duration such as 90d or 12h, or a date such as 2027-01-31 (UTC).")
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who will use it.")],
    scope: Annotated[
        list[str],
        typer.Option(help="score, read, feedback, export, report, money or admin; may be given more than once."),
    ] = ["score"],  # noqa: B006 - typer copies it
    expires: Expires = None,
    quiet: Quiet = False,
    config: Config = Path(FILE_NAME),
) -> None:
    """Create a key; it is shown once and stored only as a digest. Without --expires it is valid until it is revoked."""
    end = None if expires is None else read_expiry(expires, datetime.now(UTC))
    with _opened(config) as keys:
        key, secret = api_keys.create(keys.connection, name, scope, end)
        keys.record("key.create", key, {"name": key.name, "scopes": _scopes(key), "expires": key.expires_at})
    if not quiet:
        until = "" if key.expires_at is None else f", until {key.expires_at[:16]} UTC"
        console.print(f"Key {key.key_id} for {name} ({_scopes(key)}{until}); it is shown only now:", soft_wrap=True)
    console.print(secret, markup=False, soft_wrap=True)


@app.command("list")
def list_keys(config: Config = Path(FILE_NAME)) -> None:
    """List the keys, without the secrets; name those without an expiry and those that expire within 14 days."""
    with _opened(config) as keys:
        found = api_keys.every(keys.connection)
    now = datetime.now(UTC)
    headings = ["id", "name", "scopes", "created", "expires", "last used", "state"]
    rows = [
        (
            key.key_id,
            key.name,
            _scopes(key),
            key.created_at[:10],
            (key.expires_at or "never")[:16],
            (key.last_used_at or "never")[:13] + ("h" if key.last_used_at else ""),
            _state(key, now),
        )
        for key in found
    ]
    console.print(table(headings, rows))
    unlimited = ", ".join(key.name for key in api_keys.without_expiry(found, now))
    if unlimited:
        console.print(f"Without expiry: {unlimited}", markup=False, soft_wrap=True)
    for key in api_keys.near_expiry(found, now):
        what = f"{key.name} ({key.key_id}) expires at {(key.expires_at or '')[:16]} UTC"
        console.print(f"{what}; to replace it: leadworth keys rotate {key.key_id}", markup=False, soft_wrap=True)


@app.command()
def rotate(
    name: Annotated[str, typer.Argument(help="Name of the key, or its id where several have the name.")],
    grace: Annotated[str, typer.Option(help="Time for which the old key stays valid, such as 7d or 12h.")] = "7d",
    expires: Expires = None,
    quiet: Quiet = False,
    config: Config = Path(FILE_NAME),
) -> None:
    """Replace a key: print a new one with the same name and scopes; the old one is valid until the grace period ends.

    Without --expires the new key lives as long as the old one was meant to.
    """
    period = read_duration(grace)
    if period is None:
        raise InputError(f"the grace period {grace!r} cannot be read", allowed="days or hours, such as 7d, 12h or 0d")
    end = None if expires is None else read_expiry(expires, datetime.now(UTC))
    with _opened(config) as keys:
        old, new, secret = api_keys.rotate(keys.connection, name, period, end)
        keys.record("key.rotate", old, {"name": new.name, "by": new.key_id, "grace": grace, "expires": new.expires_at})
    if not quiet:
        text = f"Key {new.key_id} replaces {old.key_id} of {new.name}, which is valid for {grace} more"
        console.print(f"{text}; it is shown only now:", markup=False, soft_wrap=True)
    console.print(secret, markup=False, soft_wrap=True)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Id of the key, as `leadworth keys list` shows it.")],
    config: Config = Path(FILE_NAME),
) -> None:
    """Revoke a key; running servers refuse it within seconds."""
    with _opened(config) as keys:
        keys.record("key.revoke", api_keys.revoke(keys.connection, key_id), {})
    console.print(f"Key {key_id} is revoked", soft_wrap=True)


@dataclass(frozen=True)
class _OpenedKeys:
    """Connection to the keys, and the audit log, in one transaction."""

    connection: Connection
    log: AuditLog

    def record(self, action: str, key: api_keys.ApiKey, details: dict[str, str | int | float | bool | None]) -> None:
        """Record what this user does with a key."""
        self.log.record(
            self.connection, AuditActor.local_user(), AuditEntry(action, "key", key.key_id, details=details)
        )


@contextmanager
def _opened(config: Path) -> Iterator[_OpenedKeys]:
    """Open the store in one transaction, migrated."""
    settings = load_settings(config)
    with open_store(settings, migrate=True) as engine, engine.begin() as connection:
        yield _OpenedKeys(connection, AuditLog.of(settings))


def _scopes(key: api_keys.ApiKey) -> str:
    return ", ".join(sorted(key.scopes))


def _state(key: api_keys.ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at[:10]}"
    if key.has_expired(now):
        return "expired"
    return f"replaced by {key.replaced_by}" if key.replaced_by else "in use"
