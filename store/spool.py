"""Rows that wait on the local disk while the store is away."""

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
from store.outbox import Rows

log = structlog.get_logger()

LIMIT_BYTES = 256 * 1024 * 1024
CHUNK = 500


@dataclass(frozen=True)
class StoreEntry:
    """What one request adds to the store: its decisions, what platforms are told, its answer if it may be repeated."""

    rows: Sequence[Row]
    answer: StoredAnswer | None = None
    told: Rows = field(default_factory=dict)


def joined(entries: Sequence[StoreEntry]) -> StoreEntry:
    """Return one entry of several that have no answer."""
    told: dict[str, list[Row]] = {}
    for entry in entries:
        for name, listed in entry.told.items():
            told.setdefault(name, []).extend(listed)
    return StoreEntry([row for entry in entries for row in entry.rows], told=told)


class Spool:
    """A file of entries per process, locked while the process lives.

    Files of processes that died are taken over by the next `drain`, so a restart loses nothing.

    Parameters
    ----------
    folder
        Where the files lie; made on first use.
    limit_bytes
        An entry that would make the file longer is refused.
    """

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._file: BinaryIO | None = None
        self._path = folder / f"{os.getpid()}-{secrets.token_hex(4)}.jsonl"

    def append(self, entries: Sequence[StoreEntry]) -> None:
        """Write entries, and see them on the disk.

        Raises
        ------
        OSError
            Where the disk or the limit does not allow it.
        """
        lines = b"".join(to_json(asdict(entry), bytes_mode="base64") + b"\n" for entry in entries)
        file = self._own()
        if file.tell() + len(lines) > self.limit_bytes:
            raise OSError(f"the spool holds {self.limit_bytes} bytes already")
        file.write(lines)
        os.fsync(file.fileno())

    def drain(self, write: Callable[[Sequence[StoreEntry]], None]) -> int:
        """Hand all entries to `write`, in chunks, and delete them; return how many there were."""
        drained = 0
        if self._file is not None:
            drained += _hand_over(self._path, write)
            self.close()
        for path in sorted(self.folder.glob("*.jsonl")):
            with path.open("rb") as file:
                if _locked(file):
                    drained += _hand_over(path, write)
                    path.unlink(missing_ok=True)
        return drained

    def close(self) -> None:
        """Give up the own file, once all it held was handed over."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            self._file.close()
            self._file = None

    def release(self) -> None:
        """Leave the own file to the next process."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _own(self) -> BinaryIO:
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


def _hand_over(path: Path, write: Callable[[Sequence[StoreEntry]], None]) -> int:
    count = 0
    with path.open("rb") as file:
        while lines := list(islice(file, CHUNK)):
            entries = [entry for line in lines if (entry := _entry(line))]
            write(entries)
            count += len(entries)
    return count


def _entry(line: bytes) -> StoreEntry | None:
    try:
        read = from_json(line)
    except ValueError:  # the process died while it wrote this line
        store_metrics.ROWS.labels("lost").inc()
        log.error("spool line torn", bytes=len(line))
        return None
    answer = read["answer"]
    if answer is not None:
        answer = StoredAnswer(**{**answer, "body": urlsafe_b64decode(answer["body"])})
    return StoreEntry([_row(row) for row in read["rows"]], answer, read.get("told", {}))


def _row(read: Row) -> Row:
    """Return a row as it was; columns that an earlier version did not have are null."""
    vector = read.get("vector")
    return {**EMPTY, **read, "vector": None if vector is None else urlsafe_b64decode(vector)}
