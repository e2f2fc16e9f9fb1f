"""Spool file of rows on the local disk while the database is unavailable."""

from __future__ import annotations

import fcntl
import os
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import structlog
from pydantic_core import from_json, to_json

from store import store_metrics
from store.decision_log import EMPTY, Row
from store.idempotency_records import StoredAnswer
from store.outbox import Rows, join_rows
from store.velocity_events import VelocityEvent

log = structlog.get_logger()

LIMIT_BYTES = 256 * 1024 * 1024
CHUNK = 500
RENAMED_COLUMNS = {"told": "sent_value", "quiet_until": "in_doubt_until"}
"""Columns of spool files written before revision 0004 -> present names."""


@dataclass(frozen=True)
class StoreEntry:
    """Rows that one request adds to the store.

    Attributes
    ----------
    rows
        Decisions.
    answer
        Response to an Idempotency-Key.
    outbox
        Table -> rows of conversions, identifiers and consent.
    velocity
        Velocity events.
    """

    rows: Sequence[Row]
    answer: StoredAnswer | None = None
    outbox: Rows = field(default_factory=dict)
    velocity: Sequence[VelocityEvent] = ()


def joined(entries: Sequence[StoreEntry]) -> StoreEntry:
    """Return one entry with the rows of several that have no answer."""
    return StoreEntry(
        [row for entry in entries for row in entry.rows],
        outbox=join_rows(entry.outbox for entry in entries),
        velocity=[event for entry in entries for event in entry.velocity],
    )


class Spool:
    """A file of entries per process, locked while the process lives.

    Files of processes that died are taken over by the next `drain`, so a restart loses nothing.

    Parameters
    ----------
    folder
        Folder of the files, created on first use.
    limit_bytes
        Most bytes of a file; entries beyond are refused.
    """

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._file: BinaryIO | None = None
        self._path = folder / f"{os.getpid()}-{secrets.token_hex(4)}.jsonl"

    def append(self, entries: Sequence[StoreEntry]) -> None:
        """Write entries and sync them to the disk.

        Raises
        ------
        OSError
            If the disk is full or the limit is reached.
        """
        lines = b"".join(to_json(asdict(entry), bytes_mode="base64") + b"\n" for entry in entries)
        file = self._open()
        if file.tell() + len(lines) > self.limit_bytes:
            raise OSError(f"the spool holds {self.limit_bytes} bytes already")
        file.write(lines)
        os.fsync(file.fileno())

    def drain(self, write: Callable[[Sequence[StoreEntry]], None]) -> int:
        """Pass all entries to `write` in chunks, then delete them; return how many there were."""
        drained = 0
        if self._file is not None:
            drained += _drain_file(self._path, write)
            self.close()
        for path in sorted(self.folder.glob("*.jsonl")):
            with path.open("rb") as file:
                if _locked(file):
                    drained += _drain_file(path, write)
                    path.unlink(missing_ok=True)
        return drained

    def close(self) -> None:
        """Delete the file of this process after its entries were written."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            self._file.close()
            self._file = None

    def release(self) -> None:
        """Close the file of this process; the next process drains it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> BinaryIO:
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._file = os.fdopen(descriptor, "ab", buffering=0)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        return self._file


def _locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _drain_file(path: Path, write: Callable[[Sequence[StoreEntry]], None]) -> int:
    count = 0
    with path.open("rb") as file:
        while lines := list(islice(file, CHUNK)):
            entries = [entry for line in lines if (entry := _entry(line))]
            write(entries)
            count += len(entries)
    return count


def _entry(line: bytes) -> StoreEntry | None:
    try:
        content = from_json(line)
    except ValueError:  # the process died while writing this line
        store_metrics.ROWS.labels("lost").inc()
        log.error("spool line torn", bytes=len(line))
        return None
    answer = content["answer"]
    if answer is not None:
        answer = StoredAnswer(**{**answer, "body": urlsafe_b64decode(answer["body"])})
    events = tuple(
        VelocityEvent(at, person, urlsafe_b64decode(keys), domain, nonce)
        for at, person, keys, domain, nonce in content.get("velocity", ())
    )
    return StoreEntry([_row(row) for row in content["rows"]], answer, _outbox_rows(content), events)


def _outbox_rows(content: Row) -> Rows:
    """Return rows of the outbox under the present names of the columns."""
    tables = content.get("outbox") or content.get("told") or {}
    return {
        table: [{RENAMED_COLUMNS.get(name, name): value for name, value in row.items()} for row in rows]
        for table, rows in tables.items()
    }


def _row(content: Row) -> Row:
    """Return a row of the decision log; columns that an older version did not write are null."""
    vector = content.get("vector")
    return {**EMPTY, **content, "vector": None if vector is None else urlsafe_b64decode(vector)}
