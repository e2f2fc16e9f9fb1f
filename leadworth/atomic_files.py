"""Files that have their name only once they are complete, also where several processes write the same one."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOT_WRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT})
"""Codes of errors that a user mends: permissions and space."""
MAKE_WRITABLE = "check the permissions and the free space, or work in another folder; then repeat"


def unfinished_path(path: Path) -> Path:
    """Return a hidden path beside a file, which no other process uses."""
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield the path to write to; it is renamed to `path` at the end, and removed after an error.

    Its content is on the disk before it is renamed, so that no power cut leaves an empty file of that name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder, "counts.json")) as unfinished:
    ...         _ = unfinished.write_text("{}")
    ...     [file.name for file in Path(folder).iterdir()]
    ['counts.json']
    """
    unfinished = unfinished_path(path)
    try:
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Write JSON to a file that replaces the one of that name."""
    with replacing(path) as unfinished:
        unfinished.write_text(json.dumps(content), encoding="utf-8")
