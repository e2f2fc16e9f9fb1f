"""Audit entries of actions on other systems, which wait on the local disk while the store is away.

Actions on the store are recorded in their own transaction (`AuditLog.record`) and fail with it. A rollback of the
model must be possible without the store, so its entry waits in a file, with its time, until the store answers.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json, to_json

from leadworth.errors import ConfigurationError, StoreError
from store.audit_log import AuditActor, AuditEntry, AuditLog
from store.engine import open_store

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leadworth.settings import Settings

FILE = ".leadworth/audit-waiting.jsonl"


def record_action(settings: Settings, entry: AuditEntry, actor: AuditActor | None = None) -> bool:
    """Record an action on another system that has been done; return whether the store has the entry.

    Parameters
    ----------
    settings
        Name the store.
    entry
        What.
    actor
        Who; None: the user of this command.

    Raises
    ------
    OSError
        If neither the store nor the disk takes it.
    """
    actor = actor or AuditActor.local_user()
    now = datetime.now(UTC)
    try:
        with open_store(settings, migrate=True) as engine:
            record_waiting(engine, settings)
            with engine.begin() as connection:
                AuditLog.of(settings).record(connection, actor, entry, at=now)
    except (ConfigurationError, StoreError):
        _append(settings.resolve(FILE), {"at": now.isoformat(), "actor": asdict(actor), "entry": asdict(entry)})
        return False
    return True


def record_waiting(engine: Engine, settings: Settings) -> int:
    """Write the waiting entries into the store, and return their number.

    A process that dies between the commit and the deletion leaves entries that are written twice: none is lost.
    """
    path = settings.resolve(FILE)
    if not path.exists():
        return 0
    log = AuditLog.of(settings)
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        waiting = [from_json(line) for line in file if line.strip()]
        with engine.begin() as connection:
            for row in waiting:
                at = datetime.fromisoformat(row["at"])
                log.record(connection, AuditActor(**row["actor"]), AuditEntry(**row["entry"]), at=at)
        file.truncate(0)
    return len(waiting)


def _append(path: Path, row: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(to_json(row) + b"\n")
        file.flush()
        os.fsync(file.fileno())
