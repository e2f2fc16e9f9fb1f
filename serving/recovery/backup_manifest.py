"""Manifest of a backup: versions, row counts, and size and sha256 of each file."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from leadworth.errors import InputError
from store.database_copy import StoreCopy

MANIFEST = "backup.json"
BACKUP_FORMAT = 1
STORE = "store"
"""The copy of the store: an SQLite database, or a dump of pg_dump."""
_BLOCK = 2**20
_ANOTHER = "restore another backup"


class BackupFile(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: int
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @classmethod
    def of(cls, path: Path) -> BackupFile:
        """Return size and digest of a file."""
        digest = hashlib.sha256()
        size = 0
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                size += len(block)
        return cls(bytes=size, sha256=digest.hexdigest())


class BackupManifest(BaseModel):
    """Content of ``backup.json``.

    Attributes
    ----------
    settings
        Name of the settings file.
    store
        What the copy of the store holds; None if it was new, or could not be copied.
    store_error
        Why the store could not be copied.
    secret_check
        Shows at restore whether the secret is the one with which identifiers were encrypted; it does not reveal it.
    not_included
        What the settings name and the backup does not hold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    leadworth: str
    mlflow: str
    created_at: datetime
    settings: str
    store: StoreCopy | None
    store_error: str | None = None
    secret_check: str | None
    not_included: list[str]
    files: dict[str, BackupFile]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.bytes for file in self.files.values())

    def verify(self, backup: Path) -> None:
        """Check that each file is there and unchanged.

        Raises
        ------
        InputError
            If one is not.
        """
        for name, expected in self.files.items():
            path = backup / name
            if not path.is_file():
                raise InputError(f"the backup is not complete: {name} is missing", do=_ANOTHER)
            if BackupFile.of(path) != expected:
                raise InputError(f"the backup is damaged: {name} is not the file that was written", do=_ANOTHER)


def read_backup_manifest(backup: Path) -> BackupManifest:
    """Return the manifest of a backup.

    Raises
    ------
    InputError
        If the folder has none, or one that this version cannot read.
    """
    try:
        content = (backup / MANIFEST).read_bytes()
    except OSError as error:
        raise InputError(
            f"{backup} is not a backup: it has no {MANIFEST}", do="name a folder that `leadworth backup` has written"
        ) from error
    try:
        manifest = BackupManifest.model_validate_json(content)
    except ValidationError as error:
        raise InputError(
            f"{backup / MANIFEST} cannot be read by this version", do="use the version that wrote it, or a newer one"
        ) from error
    if manifest.format > BACKUP_FORMAT:
        raise InputError(
            f"the backup has the format {manifest.format}",
            allowed=f"up to {BACKUP_FORMAT}",
            do="use the version that wrote it, or a newer one",
        )
    unsafe = [name for name in manifest.files if Path(name).is_absolute() or ".." in Path(name).parts]
    if unsafe:
        raise InputError(f"the backup names a file outside of its folder: {unsafe[0]}", do=_ANOTHER)
    return manifest
