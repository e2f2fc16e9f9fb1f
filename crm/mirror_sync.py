"""Synchronise the mirror of a CRM: read what changed since the last run, in frozen windows that overlap.

Each object has streams with a cursor of their own: `records` (by modified time), `removals` (deletions, merges,
restorations), and once a week `sweep` (ids that vanished without a trace) and `links` (associations, which change
without a modified time). A cursor moves only when everything before it is stored, and only to the end of the window
that was frozen at the start. Pages are stored in one transaction with their bookmark, so that a run that is killed
goes on where it was; small ones together, so that one request reads the associations of all their records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from crm.connector import Connector, StaleCursorError, SyncWindow
from crm.crm_http import QuotaReachedError
from crm.mirror_fields import fields_read, objects_read
from crm.mirror_sweeps import MirrorSweeps
from crm.page_store import PageStore, StoredRows, divided_pages, joined_pages
from crm.personal_fields import plain_fields
from crm.score_fields import LABEL_PREFIX
from crm.stream_state import StreamState
from leadworth.console import Advance, progress
from leadworth.crm_section import CrmSection
from leadworth.encryption import IdentifierCipher
from leadworth.errors import LeadworthError, TerminalError
from leadworth.key_derivation import key_for
from leadworth.settings import Settings
from store import crm_field_lists, crm_runs
from store.crm_cursors import StreamCursor
from store.crm_runs import RunResult, SyncRun

if TYPE_CHECKING:
    from sqlalchemy import Engine

Clock = Callable[[], datetime]

RECORDS, REMOVALS = "records", "removals"
LEAST_OVERLAP = timedelta(seconds=1)
"""CRMs give times in whole seconds: a change within the second of a cursor may have come after it."""
_NO_OFFSET = timedelta(0)
LARGEST_OFFSET = timedelta(minutes=1)
"""Difference between two clocks above which a run warns."""


def utc_now() -> datetime:
    """Return the present time, in UTC."""
    return datetime.now(UTC)


def crm_cipher(settings: Settings) -> IdentifierCipher:
    """Return the cipher of the mirror."""
    return IdentifierCipher(key_for(settings, "crm"))


@dataclass
class SyncReport:
    """What a run did.

    Attributes
    ----------
    rows
        Object -> rows read and stored.
    warnings
        Sentences, such as a field that vanished.
    counts
        Object -> number of records in the CRM and in the mirror, where they were compared.
    result
        How the run ended.
    message
        Why it is unfinished or differs; empty otherwise.
    requests
        Requests made.
    """

    rows: dict[str, StoredRows] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    result: RunResult = RunResult.COMPLETE
    message: str = ""
    requests: int = 0

    @property
    def written(self) -> int:
        """Number of rows written."""
        return sum(rows.written for rows in self.rows.values())


def clock_warning(connector: Connector) -> str:
    """Return a warning where the clocks of this machine and of the CRM differ; empty where they do not."""
    offset = connector.clock_offset or _NO_OFFSET
    if abs(offset) < LARGEST_OFFSET:
        return ""
    hours = timedelta(seconds=round(abs(offset).total_seconds()))
    side = "ahead of" if offset < _NO_OFFSET else "behind"
    later = "" if offset < _NO_OFFSET else "; changes are read that much later"
    return f"the clock of this machine is {hours} {side} that of {connector.info.title}{later}. Set it by NTP"


def sync_job(crm: str) -> str:
    """Return the name of the lease under which one process at a time synchronises with a CRM."""
    return f"{crm}-sync"


class MirrorSync:
    """Synchronisation with one CRM; the caller holds the lease `sync_job`.

    Parameters
    ----------
    engine
        Migrated store.
    connector
        Connection with the CRM.
    settings
        Settings of the business.
    section
        Settings of the CRM; None: those of `settings`.
    clock
        Returns the present time.
    dry
        Read and count, store nothing.
    full
        Read everything again.
    """

    def __init__(
        self,
        engine: Engine,
        connector: Connector,
        settings: Settings,
        *,
        section: CrmSection | None = None,
        clock: Clock = utc_now,
        dry: bool = False,
        full: bool = False,
    ) -> None:
        self._engine = engine
        self._connector = connector
        self._settings = settings
        self._clock = clock
        self._dry = dry
        self._full = full
        self._section = section or settings.crm.section(connector.name)
        self._state = StreamState(engine, connector.name, clock, dry=dry)
        self._sweeps = MirrorSweeps(connector, self._state, clock)
        self.report = SyncReport()

    def run(self) -> SyncReport:
        """Synchronise all objects, record the run, and return what it did.

        A quota that is used up ends the run with everything stored but the last pages; the next run goes on.

        Raises
        ------
        DeliveryError
            If the CRM refuses the credentials or does not answer; what was read is stored.
        """
        report = self.report
        started = self._clock()
        try:
            self._synchronise()
            if different := _differences(report.counts):
                report.result, report.message = RunResult.DIFFERENT, different
        except QuotaReachedError as error:
            report.result, report.message = RunResult.UNFINISHED, str(error)
        except LeadworthError as error:
            report.result, report.message = RunResult.FAILED, error.given
            self._note(started)
            raise
        self._note(started)
        return report

    def _synchronise(self) -> None:
        stages = self._connector.stages()
        if not self._dry:
            with self._engine.begin() as connection:
                crm_field_lists.note_stages(connection, self._connector.name, stages)
            self._renew_events()
        if warning := clock_warning(self._connector):
            self.report.warnings.append(warning)
        for object_name in objects_read(self._connector.info, self._connector.lead_object):
            pages = self._page_store(object_name)
            self.report.rows[object_name] = pages.rows
            with progress(f"{self._connector.info.title}: {object_name}") as advance:
                self._object(pages, advance)

    def _renew_events(self) -> None:
        """Keep the CRM's webhooks coming; without them a sync finds the same changes later."""
        try:
            self._connector.renew_events()
        except TerminalError as error:
            self.report.warnings.append(f"no webhooks: {error.given}")

    def _object(self, pages: PageStore, advance: Advance) -> None:
        """Synchronise one object."""
        name = pages.object
        first = self._records(pages, advance)
        stale = self._removals(pages)
        if first:  # all associations were just read, and all ids, but for those that went meanwhile
            self._sweeps.skip(name, ids=not stale)
        swept = (self._full or not first) and self._sweeps.sweep_ids(pages, force=stale or self._full)
        self._sweeps.sweep_links(pages, force=self._full)
        if first or swept:
            counts = self._sweeps.count(pages)
            if counts is not None and _differences({name: counts}) and not swept:
                self._sweeps.sweep_ids(pages, force=True)
                counts = self._sweeps.count(pages)
            self.report.counts |= {name: counts} if counts is not None else {}

    def _page_store(self, object_name: str) -> PageStore:
        """Read the field list, warn of what vanished, and return what stores the object's pages."""
        connector, crm = self._connector, self._connector.name
        present = connector.fields(object_name)
        read = fields_read(self._settings, self._section, connector, object_name, present)
        warnings = self.report.warnings
        vanished: frozenset[str] = frozenset()
        if not self._dry:
            with self._engine.begin() as connection:
                drift = crm_field_lists.note_fields(connection, crm, object_name, present, self._clock())
            used = [name for name in drift.vanished if name in self._state.fields(object_name)]
            warnings += [f"{object_name}: the field {name} vanished; the run goes on without it" for name in used]
            ours = {field.name for field in present if field.label.casefold().startswith(LABEL_PREFIX)}
            new = [name for name in drift.new if name not in ours]
            warnings += [f"{object_name}: new fields: {', '.join(new)}"] if new else []
            vanished = frozenset(used)
        absent = [name for name in read.absent if name not in vanished]
        warnings += [f"{object_name}: the CRM has no field {name}, which the settings name" for name in absent]
        kept = read.stored
        if self._section.personal_data == "omitted":
            kept &= plain_fields(connector.info, object_name, present)
        return PageStore(self._engine, connector, crm_cipher(self._settings), object_name, read, kept, self._dry)

    def _records(self, pages: PageStore, advance: Advance) -> bool:
        """Read the records that changed; return whether all records were read."""
        name, state = pages.object, self._state
        begun = state.of(name, RECORDS)
        if begun.window_end is not None and state.fields(name) != set(pages.fields.names):
            begun = state.save_now(replace(begun, bookmark=""))  # a bookmark may hold the fields
        if self._must_read_all(pages, begun):
            begun = state.save_now(StreamCursor(name, RECORDS))
        state.note_fields(name, pages.fields.names)
        everything = False
        resumed = begun.window_end is not None
        while True:
            cursor = state.of(name, RECORDS)
            if cursor.window_end is None:
                cursor = self._opened(cursor)
            everything |= cursor.window_start is None
            try:
                self._window(pages, cursor, advance)
            except StaleCursorError:
                state.save_now(StreamCursor(name, RECORDS))
                self.report.warnings.append(
                    f"{name}: the CRM forgot the changes since the last run; all are read again"
                )
                self._sweeps.require(name)
                resumed = False
                continue
            if not resumed:
                return everything
            resumed = False

    def _must_read_all(self, pages: PageStore, cursor: StreamCursor) -> bool:
        """Return whether all records have to be read again, and say why."""
        name = pages.object
        if cursor.at is None and cursor.window_end is None:
            return False
        if self._full:
            return cursor.window_start is not None or cursor.window_end is None
        added = sorted(set(pages.fields.names) - self._state.fields(name))
        if added and self._state.fields(name):
            self.report.warnings.append(f"{name}: {', '.join(added)} is read now: all records are read again")
            return True
        return False

    def _opened(self, cursor: StreamCursor) -> StreamCursor:
        """Freeze the window of a stream."""
        ahead = min(self._connector.clock_offset or _NO_OFFSET, _NO_OFFSET)  # what the CRM stamps later is not missed
        end = self._clock() + ahead - timedelta(seconds=self._connector.info.search_lag_seconds)
        overlap = max(timedelta(minutes=self._section.lookback_minutes), LEAST_OVERLAP)
        start = None if cursor.at is None else min(cursor.at, end) - overlap
        if start is None and self._state.of(cursor.object, REMOVALS).at is None:
            token = self._connector.removal_token(cursor.object)
            self._state.save_now(StreamCursor(cursor.object, REMOVALS, end - overlap, bookmark=token))
        return self._state.save_now(replace(cursor, window_start=start, window_end=end))

    def _window(self, pages: PageStore, cursor: StreamCursor, advance: Advance) -> None:
        """Read a window to its end, and move the cursor."""
        end = cursor.window_end
        assert end is not None
        window = None if cursor.window_start is None else SyncWindow(cursor.window_start, end)
        found = self._connector.pages(pages.object, pages.fields.asked, window, cursor.bookmark)
        joined = joined_pages(found, self._connector.linked_rows)
        for page in divided_pages(joined, self._connector.stored_rows):
            at = replace(cursor, bookmark=page.bookmark)
            if page.bookmark:
                pages.store(page.records, self._clock(), partial(self._state.save, at))
            else:
                pages.store(page.records, self._clock(), lambda _: None)
            advance(len(page.records))
        self._state.save_now(StreamCursor(pages.object, cursor.stream, end))

    def _removals(self, pages: PageStore) -> bool:
        """Read deletions, merges and restorations; return whether the CRM forgot some of them."""
        cursor = self._state.of(pages.object, REMOVALS)
        opened = self._opened(replace(cursor, window_end=None))
        end = opened.window_end
        assert end is not None
        stale = False
        token = opened.bookmark
        if opened.window_start is not None:
            window = SyncWindow(opened.window_start, end)
            try:
                for page in self._connector.removals_after(pages.object, window, token):
                    pages.store(page.records, self._clock(), lambda _: None)
                    token = page.token or token
            except StaleCursorError:
                stale = True
                self._sweeps.require(pages.object)
        self._state.save_now(StreamCursor(pages.object, REMOVALS, end, bookmark=token))
        return stale

    def _note(self, started: datetime) -> None:
        """Record the run."""
        report = self.report
        report.requests = self._connector.requests
        if self._dry:
            return
        run = SyncRun(
            started,
            self._clock(),
            report.requests,
            report.written,
            report.result,
            report.message,
            report.counts,
        )
        with self._engine.begin() as connection:
            crm_runs.add(connection, self._connector.name, run)


MOST_DIFFERENT = 0.001
"""Share of the records that may be missing from the mirror, or be too many, without an alarm."""


def _differences(counts: Mapping[str, tuple[int, int]]) -> str:
    """Return a sentence about the objects whose counts differ by too much; empty if there are none."""
    parts = [
        f"{name}: {there:,} records in the CRM, {here:,} in the mirror"
        for name, (there, here) in counts.items()
        if abs(there - here) > MOST_DIFFERENT * max(there, 1)
    ]
    return "; ".join(parts)
