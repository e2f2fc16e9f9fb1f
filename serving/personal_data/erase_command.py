"""`leadworth erase`: erase a person from everything that leadworth stores."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console, errors, progress, table
from leadworth.errors import InputError
from leadworth.settings import FILE_NAME

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversions.export_context import ExportContext
    from serving.personal_data.held_files import HeldFile
    from serving.personal_data.person_erasure import ErasureReceipt, FoundPerson, PersonQuery
    from serving.personal_data.redis_erasure import RedisPersonEraser

INCOMPLETE = 2
"""Exit code where something of the person may be left: the message says what, and a second run goes on."""


def erase(
    email: Annotated[str | None, typer.Option(help="The person's e-mail address.")] = None,
    phone: Annotated[str | None, typer.Option(help="The person's phone number, best with its country code.")] = None,
    lead: Annotated[str | None, typer.Option(help="Id of any lead of the person.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be erased; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    search: Annotated[
        list[Path] | None, typer.Option(help="Further folder in which files are searched for the person; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the receipt as JSON.")] = False,
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file.")] = Path(FILE_NAME),
) -> None:
    """Erase a person: decisions, feedback, answers, consents, identifiers, velocity events, conversions, spool, cache.

    Waiting events are withdrawn, and sent ones retracted where the platform allows it; `leadworth export run` sends
    the retractions. Files that name the person are listed, not changed. The receipt, which the store keeps, has nothing
    of the person. A run that was interrupted is finished by a second one. Exits with 2 if something may be left.
    """
    from conversions.export_context import open_export
    from serving.personal_data.person_erasure import PersonQuery
    from serving.personal_data.redis_erasure import open_eraser

    query = PersonQuery(lead, email, phone)
    if not (lead or email or phone):
        raise InputError("no person is named", allowed="--email, --phone, --lead")
    with open_export(config) as export:
        redis = export.settings.serving.redis
        # Before anything is erased: without Redis nothing changes, and a second run finds the person again.
        with open_eraser(redis.get_secret_value()) if redis else nullcontext() as cache:
            run = _ErasureRun(export, query, cache, tuple(search or ()), as_json=as_json)
            raise typer.Exit(run.preview() if dry_run else run.erase(confirmed=yes))


@dataclass(frozen=True)
class _ErasureRun:
    export: ExportContext
    query: PersonQuery
    cache: RedisPersonEraser | None
    folders: tuple[Path, ...]
    as_json: bool

    def preview(self) -> int:
        """Show what would be erased; return the exit code."""
        person, receipt, _ = self._find()
        self._show(receipt, self._files(person), done=False)
        return 0

    def erase(self, *, confirmed: bool) -> int:
        """Erase; return the exit code."""
        from serving.personal_data.person_erasure import wait_for_leases, write_spool

        engine = self.export.engine
        held = write_spool(engine, self.export.settings)
        person, receipt, earlier = self._find()
        files = self._files(person)
        if not receipt.empty:
            if not confirmed:
                self._show(receipt, files, done=False)
                _confirm(receipt.leads)
            wait_for_leases(engine, person.leads, self.export.settings.export.lease_seconds)
            with console.status("Erasing"):
                receipt = self._erase(person, dry_run=False)
        removed = self._clear_cache(person)
        left = [*self._purge(), *(f"the spool file {name} is held by a process" for name in held)]
        self._show(receipt, files, done=True, removed=removed, earlier=earlier and receipt.empty, left=left)
        return INCOMPLETE if left else 0

    def _find(self) -> tuple[FoundPerson, ErasureReceipt, bool]:
        """Return the person, what an erasure would do, and whether an earlier run erased the person.

        Raises
        ------
        InputError
            If nothing of the person is stored.
        """
        from serving.personal_data.person_erasure import erased_before, find_person

        export = self.export
        with export.engine.connect() as connection:
            person = find_person(connection, export.settings, export.cipher, self.query)
            earlier = erased_before(connection, export.cipher, self.query, person)
        receipt = self._erase(person, dry_run=True)
        if receipt.empty and not earlier:
            raise InputError(
                "nothing of this person is in the store",
                do="give the address or number as it was sent, or the lead's id; see docs/how-to/privacy.md",
            )
        return person, receipt, earlier

    def _erase(self, person: FoundPerson, *, dry_run: bool) -> ErasureReceipt:
        from crm.mirror_sync import crm_cipher
        from serving.personal_data.person_erasure import erase_person

        export = self.export
        return erase_person(
            export.engine,
            export.settings,
            person,
            export.destinations,
            export.cipher,
            crm_cipher(export.settings),
            self._audit,
            dry_run=dry_run,
        )

    def _audit(self, connection: Connection, receipt: ErasureReceipt) -> None:
        from store.audit_log import AuditEntry

        details = {"leads": receipt.leads, "rows": sum(receipt.rows.values())}
        self.export.audit(connection, AuditEntry("person.erase", "erasure", receipt.erasure_id, details=details))

    def _files(self, person: FoundPerson) -> list[HeldFile]:
        from serving.personal_data.held_files import files_to_check

        with console.status("Searching files"):
            return files_to_check(self.export.settings, person.words, self.folders)

    def _clear_cache(self, person: FoundPerson) -> int | None:
        if self.cache is None:
            return None
        with progress("Looking through Redis") as advance:
            return self.cache.erase(person.velocity_persons, person.velocity_events, advance)

    def _purge(self) -> list[str]:
        """Remove the deleted rows from the files of the database; return what may be left."""
        from serving.personal_data.person_erasure import purge_rows
        from store.deleted_bytes import close_to_others

        with console.status("Removing deleted rows from the files of the store"):
            fault = purge_rows(self.export.engine)
        for name in close_to_others(self.export.engine):
            errors.print(f"{name} could be read by other users; its permissions are set to the owner's", markup=False)
        return [f"deleted rows may still be in the files of the store: {fault}"] if fault else []

    def _show(
        self,
        receipt: ErasureReceipt,
        files: list[HeldFile],
        *,
        done: bool,
        removed: int | None = None,
        earlier: bool = False,
        left: list[str] | None = None,
    ) -> None:
        content = receipt.content() | {
            "done": done,
            "cache_entries": removed,
            "left": left or [],
            "files": [vars(file) for file in files],
        }
        if self.as_json:
            console.print_json(json.dumps(content))
        else:
            _print_receipt(receipt, files, done=done, removed=removed)
        if earlier:
            errors.print("This person was erased before; what that run left to do is done now")
        for text in left or ():
            errors.print(f"Not finished: {text}. Run the same command again", markup=False, soft_wrap=True)
        if not done:
            errors.print("Nothing was changed")
        elif receipt.platforms.retractions:
            errors.print("Next: leadworth export run, which sends the retractions")


def _print_receipt(receipt: ErasureReceipt, files: list[HeldFile], *, done: bool, removed: int | None) -> None:
    platforms = receipt.platforms
    rows = [(name, "deleted" if done else "to delete", f"{count:,}") for name, count in receipt.rows.items() if count]
    rows += [("export_events", "kept without the person", f"{platforms.anonymised:,}")] if platforms.anonymised else []
    rows += [("export_events", "withdrawn, never sent", f"{platforms.withdrawn:,}")] if platforms.withdrawn else []
    rows += [(name, "retracted", f"{count:,}") for name, count in platforms.retractions.items()]
    rows += [(name, "cannot be retracted", f"{count:,}") for name, count in platforms.not_retractable.items()]
    rows += [("Redis", "removed", f"{removed:,}")] if removed is not None else []
    console.print(f"{receipt.leads:,} leads of this person")
    console.print(table(("place", "what", "rows"), rows, right=("rows",)))
    if platforms.not_retractable:
        console.print("Ask the platforms that cannot retract to erase the person as well")
    if files:
        found = [(file.path, "not searched" if file.lines is None else f"{file.lines:,}") for file in files]
        console.print(table(("file to check yourself", "lines"), found, right=("lines",)))
    if done:
        console.print(f"Receipt: {receipt.erasure_id}" if not receipt.empty else "Nothing was left in the store")


def _confirm(leads: int) -> None:
    """Ask before erasing.

    Raises
    ------
    InputError
        If nobody can be asked, or the answer is no.
    """
    if not sys.stdin.isatty():
        raise InputError("not confirmed, and nobody can be asked here: nothing was changed", do="add --yes to erase")
    if not typer.confirm(f"Erase this person ({leads:,} leads)? This cannot be undone", err=True):
        raise InputError("not confirmed: nothing was changed")
