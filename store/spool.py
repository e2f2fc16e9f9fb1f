"""Spool file of rows on the local disk while the database is unavailable."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import structlog
from pydantic_core import from_json, to_json

from store import store_metrics
from store.decision_log import EMPTY, Row
from store.idempotency_records import StoredAnswer
from store.outbox import TABLES, Rows, join_rows
from store.velocity_events import VelocityEvent

log = structlog.get_logger()

LIMIT_BYTES = 256 * 1024 * 1024
CHUNK = 500
RENAMED_COLUMNS = {"told": "sent_value", "quiet_until": "in_doubt_until"}
"""Columns of spool files written before revision 0004 -> present names."""
FORMER_COLUMNS = frozenset({"digest"})
"""Columns of spool files written before revision 0008 that are not stored any more."""
EMPTY_ROWS: dict[str, Row] = {name: dict.fromkeys(table.c.keys()) for name, table in TABLES.items()}


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
    corrects
        The rows replace those of an earlier submission of the same lead.
    """

    rows: Sequence[Row]
    answer: StoredAnswer | None = None
    outbox: Rows = field(default_factory=dict)
    velocity: Sequence[VelocityEvent] = ()
    corrects: bool = False


def joined(entries: Sequence[StoreEntry]) -> StoreEntry:
    """Return one entry with the rows of several that have no answer."""
    return StoreEntry(
        [row for entry in entries for row in entry.rows],
        outbox=join_rows(entry.outbox for entry in entries),
        velocity=[event for entry in entries for event in entry.velocity],
    )


class Spool:
    """A file of entries per process, locked while the process lives.

    Files of processes that died are taken over by the next `drain`, so a restart loses nothing. Threads may append
    while another drains.

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
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._path = folder
        self._drained: list[tuple[Path, BinaryIO]] = []

    @property
    def holds_entries(self) -> bool:
        """Whether this process has written entries that are not drained."""
        return self._file is not None or bool(self._drained)

    def append(self, entries: Sequence[StoreEntry]) -> None:
        """Write entries and sync them to the disk; all of them or none.

        Raises
        ------
        OSError
            If the disk is full or the limit is reached.
        """
        self._write(b"".join(to_json(asdict(entry), bytes_mode="base64") + b"\n" for entry in entries))

    def probe(self) -> None:
        """Check that the disk accepts entries again.

        Raises
        ------
        OSError
            If the disk is full or the limit is reached.
        """
        self._write(b"\n")

    def _write(self, lines: bytes) -> None:
        with self._lock:
            file = self._open()
            size = os.fstat(file.fileno()).st_size
            if size + len(lines) > self.limit_bytes:
                raise OSError(errno.EFBIG, f"the spool holds {self.limit_bytes} bytes already")
            try:
                if file.write(lines) != len(lines):
                    raise OSError(errno.ENOSPC, "the disk is full")
                os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):
                    os.ftruncate(file.fileno(), size)
                raise

    def drain(self, write: Callable[[Sequence[StoreEntry]], None]) -> int:
        """Pass all entries to `write` in chunks, then delete them; return how many there were.

        Entries that are appended meanwhile go to a new file. If `write` raises, the entries stay.
        """
        with self._lock:
            if self._file is not None:
                self._drained.append((self._path, self._file))
                self._file = None
        drained = 0
        while self._drained:
            path, own = self._drained[0]
            drained += _drain_file(path, write)
            path.unlink(missing_ok=True)
            own.close()
            self._drained.pop(0)
        for path in sorted(self.folder.glob("*.jsonl")):
            with suppress(FileNotFoundError), path.open("rb") as file:
                if _locked(file):
                    drained += _drain_file(path, write)
                    path.unlink(missing_ok=True)
        return drained

    def release(self) -> None:
        """Close the files of this process; the next process drains them."""
        with self._lock:
            for file in (self._file, *(own for _, own in self._drained)):
                if file is not None:
                    file.close()
            self._file = None
            self._drained.clear()

    def _open(self) -> BinaryIO:
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._path = self.folder / f"{os.getpid()}-{secrets.token_hex(4)}.jsonl"
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._file = os.fdopen(descriptor, "ab", buffering=0)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            _sync_folder(self.folder)
        return self._file


def _sync_folder(folder: Path) -> None:
    """Sync the entry of a new file in its folder, without which the file may vanish with the power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
            entries = [entry for line in lines if line.strip() and (entry := _entry(line))]
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
    return StoreEntry(
        [_row(row) for row in content["rows"]], answer, _outbox_rows(content), events, content.get("corrects", False)
    )


def _outbox_rows(content: Row) -> Rows:
    """Return rows of the outbox under the present names of the columns; columns that were added since are null."""
    tables = content.get("outbox") or content.get("told") or {}
    return {
        table: [
            EMPTY_ROWS[table]
            | {RENAMED_COLUMNS.get(name, name): value for name, value in row.items() if name not in FORMER_COLUMNS}
            for row in rows
        ]
        for table, rows in tables.items()
    }


def _row(content: Row) -> Row:
    """Return a row of the decision log; columns that an older version did not write are null."""
    vector = content.get("vector")
    return {**EMPTY, **content, "vector": None if vector is None else urlsafe_b64decode(vector)}
