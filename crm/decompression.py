"""Open files that may be compressed: gzip, or a zip archive with one file."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import IO, cast

from leadworth.errors import InputError

DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError)
"""Errors of reading a damaged file."""
_GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""First bytes of a zip archive; the second ones of an empty one."""
_NOT_DATA = ("__MACOSX/", ".DS_Store")


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, decompressed if its first bytes are those of gzip or zip.

    Raises
    ------
    InputError
        If a zip archive has a password, no file or several ones.
    """
    file = path.open("rb")
    magic = file.read(4)
    if magic[:2] == _GZIP:
        file.close()
        return cast(IO[bytes], gzip.open(path, "rb"))
    if magic in ZIP:
        file.close()
        return _open_member(path)
    file.seek(0)
    return file


def archived_files(path: Path) -> list[str]:
    """Return the names of the files in a zip archive, without those that operating systems add.

    Raises
    ------
    InputError
        If the archive is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except DAMAGED as error:
        raise InputError(f"{path} is a damaged zip archive: {error}", do="copy or export the file again") from error
    return [name for name in names if not name.endswith("/") and not any(part in name for part in _NOT_DATA)]


def _open_member(path: Path) -> IO[bytes]:
    names = archived_files(path)
    if len(names) != 1:
        listed = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
        raise InputError(
            f"{path} is a zip archive of {len(names)} files{f': {listed}' if names else ''}",
            allowed="an archive with one CSV file",
            do="unpack it, and name the file to read",
        )
    try:
        return zipfile.ZipFile(path).open(names[0])
    except RuntimeError as error:
        raise InputError(f"{path} cannot be unpacked: {error}", do="unpack it, and name the file inside") from error
    except DAMAGED as error:
        raise InputError(f"{path} is a damaged zip archive: {error}", do="copy or export the file again") from error
