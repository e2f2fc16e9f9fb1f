"""Restore a backup: check everything first, then put each part where the settings say."""

from __future__ import annotations

import fcntl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from leadworth.errors import InputError, StoreError
from leadworth.key_derivation import secret_fingerprint
from leadworth.settings import load_settings
from serving.recovery.backup_manifest import STORE, BackupManifest, read_backup_manifest
from serving.recovery.backup_writer import copy_private, make_private_folder
from serving.recovery.project_parts import STATE, ProjectPart, project_parts, store_address
from store.database_copy import StoreCopy, copy_sqlite, put_store, refuse_in_use, refuse_newer, refuse_store

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from leadworth.settings import Settings


@dataclass(frozen=True)
class RestorePlan:
    """What a restore would write.

    Attributes
    ----------
    backup
        Folder of the backup, whose files have been verified.
    manifest
        Its manifest.
    folder
        Project folder to restore into.
    parts
        Parts that the backup holds, with their targets.
    store
        Address of the store; None if the backup has none.
    present
        Targets that are there already.
    """

    backup: Path
    manifest: BackupManifest
    folder: Path
    parts: list[ProjectPart]
    store: URL | None
    present: list[Path]


def plan_restore(backup: Path, folder: Path) -> RestorePlan:
    """Verify a backup and find out where its parts go; write nothing.

    Raises
    ------
    InputError
        If the backup is damaged, not complete, or of a newer format.
    StoreError
        If its store was written by a newer leadworth, or cannot be put into the database of the settings.
    """
    manifest = read_backup_manifest(backup)
    manifest.verify(backup)
    if manifest.store_error is not None:
        raise InputError(f"the backup has no store: {manifest.store_error}", do="restore another backup")
    if manifest.store is not None:
        refuse_newer(manifest.store)
    kept = load_settings(backup / manifest.settings)
    settings = kept.model_copy(update={"folder": folder})
    _refuse_other_secret(kept, manifest)
    parts = [part for part in project_parts(settings, manifest.settings) if (backup / part.name).exists()]
    address = None
    if manifest.store is not None:
        address = store_address(settings)
        refuse_store(manifest.store, address)
    targets = [part.path for part in parts] + ([file] if (file := _file_of(address)) else [])
    return RestorePlan(backup, manifest, folder, parts, address, [path for path in targets if path.exists()])


def restore_backup(plan: RestorePlan, *, force: bool = False) -> StoreCopy | None:
    """Put the parts of a backup where the settings say, and migrate the store to this version.

    Parameters
    ----------
    plan
        What `plan_restore` returned.
    force
        Where something is there already, rename it to `<name>.replaced-<time>` first.

    Returns
    -------
    StoreCopy or None
        What the store holds now.

    Raises
    ------
    InputError
        If something is there already.
    StoreError
        If a service is running on it, or the rows of the store are not those of the backup.
    """
    if plan.present and not force:
        names = ", ".join(str(path) for path in plan.present)
        raise InputError(
            f"there is something already: {names}",
            allowed="a new folder (--to)",
            do="name a new folder, or use --force, which renames what is there",
        )
    _refuse_running(plan)
    suffix = f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    for path in plan.present:
        path.rename(path.with_name(f"{path.name}.{suffix}"))
    for part in plan.parts:
        _put_part(plan.backup / part.name, part)
    if plan.store is None or plan.manifest.store is None:
        return None
    if file := _file_of(plan.store):
        make_private_folder(file.parent)
    return put_store(plan.backup / STORE, plan.manifest.store, plan.store)


def _put_part(source: Path, part: ProjectPart) -> None:
    make_private_folder(part.path.parent)
    if part.kind == "database":
        copy_sqlite(source, part.path)
        return
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    for path in files:
        copy_private(path, part.path / path.relative_to(source) if source.is_dir() else part.path)


def _file_of(address: URL | None) -> Path | None:
    """Return the file of an SQLite store."""
    if address is None or address.get_backend_name() != "sqlite":
        return None
    return Path(address.database or "")


def _refuse_running(plan: RestorePlan) -> None:
    databases = [part.path for part in plan.parts if part.kind == "database"]
    if file := _file_of(plan.store):
        databases.append(file)
    for path in databases:
        if path.exists():
            refuse_in_use(path)
    for path in (plan.folder / STATE / "spool").glob("*.jsonl"):
        with path.open("rb") as file_of_spool:
            try:
                fcntl.flock(file_of_spool, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StoreError(f"a service is writing {path}", do="stop it, then repeat") from error


def _refuse_other_secret(settings: Settings, manifest: BackupManifest) -> None:
    """Refuse a secret other than that of the backup; `settings` are those in the folder of the backup."""
    if manifest.secret_check is None or secret_fingerprint(settings) == manifest.secret_check:
        return
    raise InputError(
        "LEADWORTH_SECRET is not the secret that was in use when the backup was made, so identifiers of people could "
        "not be read"
        if settings.secret
        else "the backup was made with a LEADWORTH_SECRET, which is not set now",
        do="set LEADWORTH_SECRET to that secret, and repeat",
    )
