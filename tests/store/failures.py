"""Failures of a store for tests: locked, failing, full and read-only databases, each undone at the end of its block."""

from __future__ import annotations

import os
import secrets
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from store.engine import open_engine

Failure = Callable[[], Any]
DISK = "48m"


@contextmanager
def locked_sqlite(file: Path) -> Iterator[Failure]:
    """Yield a function that locks the database."""
    connection = sqlite3.connect(file, check_same_thread=False, timeout=30)
    yield lambda: connection.execute("BEGIN EXCLUSIVE")
    connection.rollback()
    connection.close()


@contextmanager
def locked_table(url: str) -> Iterator[Failure]:
    """Yield a function that locks the table of decisions of a PostgreSQL."""
    engine = open_engine(url)
    with engine.connect() as connection:
        yield lambda: connection.exec_driver_sql("LOCK TABLE decisions IN ACCESS EXCLUSIVE MODE")
        connection.rollback()
    engine.dispose()


@contextmanager
def hidden_table(url: str) -> Iterator[Failure]:
    """Yield a function that makes every write fail."""
    engine = open_engine(url)

    def rename(before: str, after: str) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")

    yield lambda: rename("decisions", "hidden")
    rename("hidden", "decisions")
    engine.dispose()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Yield a folder on a disk of its own; skip the test where it may not be mounted."""
    disk = folder / f"disk-{secrets.token_hex(3)}"
    disk.mkdir()
    if os.geteuid() != 0 or _mount("-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(disk)) != 0:
        pytest.skip("a disk cannot be mounted by this user")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path) -> None:
    """Fill a disk."""
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while file.write(b"\x00" * 65_536):
            pass


def free(disk: Path) -> None:
    """Remove what `fill` wrote."""
    (disk / "filler").unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Make a disk read-only; nothing may have a file of it open for writing."""
    assert _mount("-o", "remount,ro", str(disk)) == 0
    yield
    assert _mount("-o", "remount,rw", str(disk)) == 0


@contextmanager
def full_database(url: str) -> Iterator[Failure]:
    """Yield a function that makes PostgreSQL refuse rows with the error of a full disk (SQLSTATE 53100)."""
    engine = open_engine(url)

    def refuse() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
            )
            connection.exec_driver_sql("CREATE TRIGGER no_space BEFORE INSERT ON decisions EXECUTE FUNCTION no_space()")

    yield refuse
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP FUNCTION no_space CASCADE")
    engine.dispose()


@contextmanager
def own_role(url: str) -> Iterator[tuple[str, Failure, Failure]]:
    """Yield the URL of a schema for a role of its own, and functions that make the role read-only and end that.

    Open connections of the role are ended, as by a failover to a replica.
    """
    engine = open_engine(url)
    role = f"leadworth_{secrets.token_hex(4)}"
    with engine.connect() as connection:
        schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()

    def run(*statements: str) -> None:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
    run(f"CREATE ROLE {role} LOGIN", f"GRANT ALL ON SCHEMA {schema} TO {role}")
    try:
        yield (
            make_url(url).set(username=role).render_as_string(hide_password=False),
            lambda: run(f"ALTER ROLE {role} SET default_transaction_read_only = on", end),
            lambda: run(f"ALTER ROLE {role} RESET default_transaction_read_only", end),
        )
    finally:
        run(end, f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")
        engine.dispose()


def _mount(*arguments: str) -> int:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode
