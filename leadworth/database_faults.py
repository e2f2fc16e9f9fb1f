"""Reasons why a database refused a statement, by the error codes of its driver: without the text of the error.

The text may repeat values of the statement, and it is written for the authors of a program.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DatabaseFault:
    """What is wrong with a database, and what to do about it."""

    what: str
    do: str


_FULL = DatabaseFault("its disk is full", "free some space, then repeat")
_LOCKED = DatabaseFault("another process has locked it", "wait for the end of that process, or end it, then repeat")
_DAMAGED = DatabaseFault("its file is damaged, or is no SQLite database", "restore it from a backup")
_SQLITE = {
    5: _LOCKED,
    6: _LOCKED,
    8: DatabaseFault("it is read-only", "make its file and its folder writable for this user, then repeat"),
    10: DatabaseFault("its disk cannot be read or written", "check the disk and its free space, then repeat"),
    11: _DAMAGED,
    13: _FULL,
    14: DatabaseFault(
        "its file cannot be opened", "check that its folder exists, and that this user may write into it"
    ),
    26: _DAMAGED,
}
"""By the primary result code, the last eight bits of the code."""
_ENDED = DatabaseFault("the server ended the connection, such as in a restart", "wait until it runs again, then repeat")
_POSTGRESQL = {
    "25006": DatabaseFault("it is read-only, such as a standby server", "give the address of the primary server"),
    "3D000": DatabaseFault("the server has no such database", "create it, or correct its name"),
    "42501": DatabaseFault("its user lacks a right", "make this user the owner of the database"),
    "53100": _FULL,
    "53300": DatabaseFault("it has too many connections", "raise max_connections, or start fewer processes"),
    "55P03": _LOCKED,
    "57014": DatabaseFault("a statement took too long", "repeat; if it stays so, look for other work of the server"),
    "57P01": _ENDED,
    "57P02": _ENDED,
    "57P03": _ENDED,
}
"""By SQLSTATE."""
_UNREACHABLE = DatabaseFault(
    "there is no connection, or it was lost", "check that it runs, and its address, name, user and password"
)


def database_fault(error: BaseException | None) -> DatabaseFault | None:
    """Return what is wrong, by an error of a driver or one that it caused; None where its code does not say.

    Examples
    --------
    >>> import sqlite3
    >>> try:
    ...     _ = sqlite3.connect("/no/such/folder/leadworth.db")
    ... except sqlite3.OperationalError as error:
    ...     database_fault(error).what
    'its file cannot be opened'
    """
    while error is not None:
        if isinstance(code := getattr(error, "sqlite_errorcode", None), int):
            return _SQLITE.get(code & 0xFF)
        if hasattr(error, "sqlstate"):
            unreachable = error.sqlstate is None and type(error).__name__ == "OperationalError"
            return _UNREACHABLE if unreachable else _POSTGRESQL.get(error.sqlstate or "")
        error = getattr(error, "orig", None) or error.__cause__
    return None
