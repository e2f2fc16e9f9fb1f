"""`leadworth backup` and `leadworth restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console, table
from leadworth.errors import StoreError
from leadworth.settings import FILE_NAME, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serving.recovery.restore_plan import RestorePlan


def backup(
    folder: Annotated[Path, typer.Argument(help="New folder of the backup.")],
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier backup in that folder.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be copied; write nothing.")] = False,
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file.")] = Path(FILE_NAME),
) -> None:
    """Copy settings, keys, store, spool, registry and models into a folder; the service may go on.

    Everything that was answered before the backup began is in it. It holds keys and personal data: keep it as safe as
    the service. A PostgreSQL store needs `pg_dump`; without it, the other parts are copied and the exit code is 7.
    """
    from serving.recovery.backup_writer import plan_backup, refuse_target, write_backup

    settings = load_settings(config)
    if dry_run:
        refuse_target(folder, force=force)
        plan = plan_backup(settings, config.name)
        console.print(table(("part", "bytes"), [(title, f"{size:,}") for title, size in plan.parts], right=("bytes",)))
        _show_rows(plan.store.rows if plan.store else None)
        _show_not_included(plan.not_included)
        console.print("Nothing was written")
        return
    with console.status("Copying"):
        manifest = write_backup(settings, config.name, folder, force=force)
    _show_rows(manifest.store.rows if manifest.store else None)
    _show_not_included(manifest.not_included)
    console.print(f"{len(manifest.files):,} files, {manifest.size:,} bytes: {folder}", soft_wrap=True)
    if manifest.store_error is not None:
        raise StoreError(f"the backup has no store: {manifest.store_error}", do="then repeat with --force")


def restore(
    folder: Annotated[Path, typer.Argument(help="Folder of a backup.")],
    to: Annotated[Path, typer.Option("--to", help="Project folder to restore into.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Rename what is there already to NAME.replaced-TIME.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Verify the backup and show what would be done.")] = False,
) -> None:
    """Verify a backup and put it into a project folder, which may be another one than before.

    A store of an older version is migrated; one of a newer version is refused. A PostgreSQL store is restored into an
    empty database, which the settings or LEADWORTH_SERVING__STORE name.
    """
    from serving.recovery.restore_plan import plan_restore, restore_backup

    with console.status("Verifying"):
        plan = plan_restore(folder, to)
    _show_plan(plan)
    if dry_run:
        console.print("The backup is complete and unchanged; nothing was written")
        return
    with console.status("Restoring"):
        store = restore_backup(plan, force=force)
    _show_rows(store.rows if store else None)
    console.print(f"Restored into {to.absolute()}. Next: leadworth doctor", soft_wrap=True)


def _show_plan(plan: RestorePlan) -> None:
    made = plan.manifest
    console.print(f"Backup of {made.created_at:%Y-%m-%d %H:%M:%S} UTC by leadworth {made.leadworth}", soft_wrap=True)
    rows = [(part.title, str(part.path), "there already" if part.path in plan.present else "") for part in plan.parts]
    if plan.store is not None:
        rows.append(("store", plan.store.render_as_string(), ""))
    console.print(table(("part", "to", ""), rows))
    _show_not_included(made.not_included)


def _show_rows(rows: Mapping[str, int] | None) -> None:
    if rows is None:
        console.print("The store does not exist yet")
        return
    counts = [(name, f"{count:,}") for name, count in rows.items() if count]
    console.print(table(("table", "rows"), counts, right=("rows",)) if counts else "The store has no rows")


def _show_not_included(sentences: list[str]) -> None:
    for sentence in sentences:
        console.print(f"Not in the backup: {sentence}", markup=False, soft_wrap=True)
