"""Write a backup: every part is copied as of one moment, while the service goes on."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from leadworth import __version__
from leadworth.errors import InputError, StoreError
from leadworth.key_derivation import secret_fingerprint
from serving.recovery.backup_manifest import BACKUP_FORMAT, MANIFEST, STORE, BackupFile, BackupManifest
from serving.recovery.project_parts import NOT_COPIED, ProjectPart, not_in_a_backup, project_parts, store_address
from store.database_copy import copy_sqlite, copy_store, describe_store
from store.engine import is_new, open_store

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from store.database_copy import StoreCopy

_LINES = ".jsonl"
_UNFINISHED = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{8}\.(?P<kind>partial|replaced)")


@dataclass(frozen=True)
class BackupPlan:
    """What a backup would copy: title and bytes of each part, and the rows of the store."""

    parts: list[tuple[str, int]]
    store: StoreCopy | None
    not_included: list[str]


def plan_backup(settings: Settings, settings_file: str) -> BackupPlan:
    """Return what a backup would hold; write nothing.

    Raises
    ------
    StoreError
        If the store does not answer.
    """
    parts = [
        (part.title, sum(path.stat().st_size for path in _files(part.path)))
        for part in project_parts(settings, settings_file)
        if part.path.exists()
    ]
    store = None if _store_is_new(settings) else describe_store(store_address(settings))
    return BackupPlan(parts, store, not_in_a_backup(settings))


def write_backup(settings: Settings, settings_file: str, target: Path, *, force: bool = False) -> BackupManifest:
    """Write a backup into a new folder, which appears when it is complete.

    Parameters
    ----------
    settings
        Application settings, with their folder.
    settings_file
        Name of the settings file in that folder.
    target
        Folder of the backup.
    force
        Replace an earlier backup there, once the new one is complete.

    Returns
    -------
    BackupManifest
        Its `store_error` says why the store is not in the backup, if it could not be copied.

    Raises
    ------
    InputError
        If the folder is in use, or is not an earlier backup.
    """
    refuse_target(target, force=force)
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_unfinished(target.parent)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    partial.mkdir(mode=0o700)
    try:
        with _locked(partial):
            manifest = _fill(settings, settings_file, partial)
            replaced = target.with_name(f".{target.name}.{secrets.token_hex(4)}.replaced")
            if target.exists():
                target.rename(replaced)
            partial.rename(target)
        shutil.rmtree(replaced, ignore_errors=True)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return manifest


def _remove_unfinished(folder: Path) -> None:
    """Remove what killed backups left in a folder: it holds keys and personal data, and no later one replaces it."""
    for path in folder.iterdir():
        unfinished = _UNFINISHED.fullmatch(path.name)
        if unfinished is None or not path.is_dir():
            continue
        if unfinished["kind"] == "replaced" and not (folder / unfinished["name"]).exists():
            continue  # the only backup of that name
        with _locked(path) as is_free:
            if is_free:
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder for the block; say whether it is held, or another process has it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_held = True
        except BlockingIOError:
            is_held = False
        yield is_held
    finally:
        os.close(descriptor)


def refuse_target(target: Path, *, force: bool) -> None:
    """Refuse a folder with other content; with `force`, one that is not an earlier backup.

    Raises
    ------
    InputError
        If it is refused.
    """
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not (target / MANIFEST).is_file():
        raise InputError(f"{target} is not empty and not a backup", allowed="a new folder", do="name another one")
    if not force:
        raise InputError(
            f"{target} has a backup already", allowed="a new folder", do="name another one, or replace it with --force"
        )


def _fill(settings: Settings, settings_file: str, folder: Path) -> BackupManifest:
    created_at = datetime.now(UTC)
    for part in project_parts(settings, settings_file):
        if part.path.exists():
            _copy_part(part, folder / part.name)
    store, store_error = None, None
    if not _store_is_new(settings):
        try:
            store = copy_store(store_address(settings), folder / STORE)
        except StoreError as error:
            store_error = str(error)
            (folder / STORE).unlink(missing_ok=True)
    manifest = BackupManifest(
        format=BACKUP_FORMAT,
        leadworth=__version__,
        mlflow=version("mlflow"),
        created_at=created_at,
        settings=settings_file,
        store=store,
        store_error=store_error,
        secret_check=secret_fingerprint(settings),
        not_included=not_in_a_backup(settings),
        files={path.relative_to(folder).as_posix(): BackupFile.of(path) for path in _files(folder)},
    )
    write_private(folder / MANIFEST, manifest.model_dump_json(indent=1).encode() + b"\n")
    return manifest


def _store_is_new(settings: Settings) -> bool:
    with open_store(settings) as engine:
        return is_new(engine)


def _copy_part(part: ProjectPart, target: Path) -> None:
    if part.kind == "database":
        copy_sqlite(part.path, target)
    elif part.kind == "file":
        copy_private(part.path, target)
    else:
        for path in _files(part.path):
            relative = path.relative_to(part.path)
            if NOT_COPIED & {*relative.parts[:1]}:
                continue
            with suppress(FileNotFoundError):  # the service replaces files of its state meanwhile
                copy_private(path, target / relative)


def _files(path: Path) -> Iterator[Path]:
    """Yield a file, or the regular files below a folder in a fixed order."""
    if path.is_file():
        yield path
        return
    yield from (found for found in sorted(path.rglob("*")) if found.is_file() and not found.is_symlink())


def copy_private(source: Path, target: Path) -> None:
    """Copy a file so that only its owner may read it; of a spool file that is being written, its whole lines."""
    content_end = None
    with source.open("rb") as read:
        if source.suffix == _LINES:
            content_end = read.read().rfind(b"\n") + 1
            read.seek(0)
        make_private_folder(target.parent)
        with _new_file(target) as written:
            if content_end is None:
                shutil.copyfileobj(read, written)
            else:
                written.write(read.read(content_end))


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read."""
    with _new_file(path) as file:
        file.write(content)


def make_private_folder(folder: Path) -> None:
    """Make a folder and its parents; new ones are readable by their owner only."""
    for missing in [one for one in (folder, *folder.parents) if not one.exists()][::-1]:
        missing.mkdir(mode=0o700, exist_ok=True)


def _new_file(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
