"""`leadworth keys`: create, list and revoke API keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console, table
from leadworth.settings import FILE_NAME, load_settings
from serving import api_keys
from store.engine import open_store

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = typer.Typer(add_completion=False, no_args_is_help=True)

Config = Annotated[Path, typer.Option("--config", "-c", help="Settings file.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who will use it.")],
    scope: Annotated[
        list[str], typer.Option(help="score, read, feedback, export or admin; may be given more than once.")
    ] = ["score"],  # noqa: B006 - typer copies it
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the key.")] = False,
    config: Config = Path(FILE_NAME),
) -> None:
    """Create a key; it is shown once and stored only as a digest."""
    with _store(config) as connection:
        key, secret = api_keys.create(connection, name, scope)
    if not quiet:
        console.print(f"Key {key.key_id} for {name} ({', '.join(sorted(key.scopes))}); it is shown only now:")
    console.print(secret, markup=False, soft_wrap=True)


@app.command("list")
def list_keys(config: Config = Path(FILE_NAME)) -> None:
    """List the keys, without the secrets."""
    with _store(config) as connection:
        found = api_keys.every(connection)
    rows = [
        (key.key_id, key.name, ", ".join(sorted(key.scopes)), key.created_at[:19], (key.revoked_at or "")[:19])
        for key in found
    ]
    console.print(table(["id", "name", "scopes", "created", "revoked"], rows))


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Id of the key, as `leadworth keys list` shows it.")],
    config: Config = Path(FILE_NAME),
) -> None:
    """Revoke a key; running servers refuse it within seconds."""
    with _store(config) as connection:
        api_keys.revoke(connection, key_id)
    console.print(f"Key {key_id} is revoked", soft_wrap=True)


@contextmanager
def _store(config: Path) -> Iterator[Connection]:
    """Open the store in one transaction, migrated."""
    with open_store(load_settings(config), migrate=True) as engine, engine.begin() as connection:
        yield connection
