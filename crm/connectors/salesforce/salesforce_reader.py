"""Reading of Salesforce records: windows, whole objects, ids, removals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from crm.connector import RecordPage, StaleCursorError, SyncWindow
from crm.connectors.salesforce.rows_ahead import RowPosition
from crm.connectors.salesforce.salesforce_api import LONGEST_URL, SalesforceApi
from crm.connectors.salesforce.salesforce_bulk import JobGoneError, JobPosition, QueryJobs
from crm.connectors.salesforce.salesforce_values import UNREADABLE_KINDS, field_of, record_of
from crm.connectors.salesforce.soql import encoded, full_id, moment, one_of, parse_moment, quoted, select
from crm.crm_http import CrmRefusedError
from leadworth.crm_records import CrmField, CrmRecord, RecordState
from leadworth.errors import ConfigurationError
from leadworth.http_errors import BusyError

T = TypeVar("T")

PAGE_ROWS = 2_000
"""Rows of a page of a REST query."""
BULK_FROM_ROWS = 10_000
"""Rows from which a bulk job takes fewer requests than pages."""
SYSTEM_FIELDS = ("Id", "CreatedDate", "SystemModstamp", "LastModifiedById", "IsDeleted", "MasterRecordId")
LIVE_ONLY = "IsDeleted = false"
LONGEST_COLUMNS = LONGEST_URL - 2_000
DELETED_OVERLAP = timedelta(days=1)
"""How far before a window the log of deletions is read again: it may be behind by minutes, or hours."""
BULK, REST = "bulk ", "id "
"""Beginnings of bookmarks."""


class SalesforceReader:
    """Records of one org.

    Parameters
    ----------
    api
        Requests to the org.
    jobs
        Bulk query jobs of the org.
    """

    def __init__(self, api: SalesforceApi, jobs: QueryJobs) -> None:
        self._api = api
        self._jobs = jobs
        self._fields: dict[str, dict[str, CrmField]] = {}

    def fields(self, object_name: str, *, again: bool = False) -> Mapping[str, CrmField]:
        """Return the fields that can be read, by name; fields without access for our user are not among them.

        Parameters
        ----------
        again
            Ask Salesforce even where the answer is known.
        """
        if again or object_name not in self._fields:
            answer = self._api.get(f"sobjects/{object_name}/describe")
            self._fields[object_name] = {
                item["name"]: field_of(item) for item in answer["fields"] if item["type"] not in UNREADABLE_KINDS
            }
        return self._fields[object_name]

    def window(self, object_name: str, asked: Sequence[str], window: SyncWindow, bookmark: str) -> Iterator[RecordPage]:
        """Yield the records that changed in a window, by time of change and id."""
        yield from self._changed(object_name, asked, window, bookmark, deleted=False)

    def all(self, object_name: str, asked: Sequence[str], bookmark: str = "") -> Iterator[RecordPage]:
        """Yield all records: from 10,000 on by a bulk job."""
        if bookmark.startswith(BULK):
            try:
                yield from self._bulk(object_name, asked, JobPosition.parse(bookmark.removeprefix(BULK)))
                return
            except JobGoneError:
                bookmark = ""
        if bookmark or self.count(object_name) < BULK_FROM_ROWS:
            yield from self._by_id(object_name, asked, bookmark.removeprefix(REST))
            return
        start = self._current(
            object_name,
            lambda: self._jobs.create(
                select(self._columns(object_name, asked), object_name, self._live(object_name)),
                everything=self._has_archive(object_name),
            ),
        )
        yield from self._bulk(object_name, asked, start)

    def count(self, object_name: str) -> int:
        """Return the number of records that are not deleted."""
        soql = select(["COUNT()"], object_name, self._live(object_name))
        return int(self._api.query(soql, everything=self._has_archive(object_name))["totalSize"])

    def by_ids(self, object_name: str, ids: Sequence[str], asked: Sequence[str]) -> list[CrmRecord]:
        """Return records by id, in their order; one that is in no answer is deleted."""
        keys = [full_id(key) for key in ids]
        rows = self._current(object_name, lambda: self._rows_of(object_name, keys, asked))
        found = {record.record_id: record for record in self._records(object_name, rows, asked)}
        return [found.get(key) or CrmRecord(object_name, key, state=RecordState.DELETED) for key in keys]

    def joining(self, object_name: str, field: str, ids: Sequence[str], columns: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rows of another object, such as a history, whose field has one of some ids.

        None where our user has no access to the object; `check` says so.
        """
        wanted = ["Id", *columns]
        lists = id_lists(ids, len(encoded(", ".join(wanted))))
        rows: list[dict[str, Any]] = []
        try:
            for some in lists:
                rows += self._api.rows(select(wanted, object_name, [one_of(field, some)]))
        except CrmRefusedError as error:
            if error.code != "INVALID_TYPE":
                raise
        return rows

    def joining_from(
        self, object_name: str, field: str, position: RowPosition, columns: Sequence[str]
    ) -> tuple[list[dict[str, Any]], bool]:
        """Return a page of another object's rows by record and id, and whether there may be more; see `joining`."""
        record = quoted(position.record_id)
        after = f"{field} > {record} OR ({field} = {record} AND Id > {quoted(position.row_id)})"
        conditions = [f"{field} >= {record}", after if position.row_id else ""]
        soql = select(["Id", *columns], object_name, conditions, f"{field}, Id", PAGE_ROWS)
        try:
            answer = self._api.query(soql)
        except CrmRefusedError as error:
            if error.code != "INVALID_TYPE":
                raise
            return [], False
        rows: list[dict[str, Any]] = answer["records"]
        return rows, bool(rows) and (not answer["done"] or len(rows) >= PAGE_ROWS)

    def removals(self, object_name: str, window: SyncWindow) -> Iterator[RecordPage]:
        """Yield deleted and merged records of a window: from the recycle bin, and from the log of deletions.

        An undeleted record has a new SystemModstamp, so that `window` yields it.
        """
        if "IsDeleted" not in self.fields(object_name):  # such as users, who are deactivated
            return
        seen: set[str] = set()
        for page in self._changed(object_name, (), window, "", deleted=True):
            seen |= {record.record_id for record in page.records}
            yield RecordPage(page.records)
        log = self._deletion_log(object_name, window.start - DELETED_OVERLAP, window)
        deleted_at = {full_id(row["id"]): parse_moment(row["deletedDate"]) for row in log}
        ids = [key for key in deleted_at if key not in seen]
        for begin in range(0, len(ids), PAGE_ROWS):
            # A merged record is in the log too, and says into which one while it is in the recycle bin.
            present = self.by_ids(object_name, ids[begin : begin + PAGE_ROWS], ())
            yield RecordPage(
                [
                    replace(record, modified_at=deleted_at[record.record_id])
                    for record in present
                    if record.state is not RecordState.LIVE  # undeleted since
                ]
            )

    def _deletion_log(self, object_name: str, start: datetime, window: SyncWindow) -> list[dict[str, str]]:
        """Return the log of deletions from a time to the end of a window."""
        try:
            answer = self._api.get(
                f"sobjects/{object_name}/deleted/", start=f"{moment(start)[:-1]}+00:00", end=_end_of(window)
            )
        except CrmRefusedError as error:
            if error.code == "INVALID_REPLICATION_DATE" and start < window.start:
                return self._deletion_log(object_name, window.start, window)
            if error.code in ("INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT"):
                raise StaleCursorError(
                    f"Salesforce has no complete log of deletions of {object_name} since {window.start:%Y-%m-%d %H:%M}",
                    do="compare all ids, as `leadworth crm sync --full` does",
                ) from error
            raise
        if parse_moment(answer["earliestDateAvailable"]) > window.start:
            raise StaleCursorError(
                f"Salesforce purged its log of deletions of {object_name} after {window.start:%Y-%m-%d %H:%M}",
                do="compare all ids, as `leadworth crm sync --full` does",
            )
        if parse_moment(answer["latestDateCovered"]) < window.end - DELETED_OVERLAP:
            raise BusyError(f"the log of deletions of {object_name} ends at {answer['latestDateCovered']}")
        rows: list[dict[str, str]] = answer["deletedRecords"]
        return rows

    def _changed(
        self, object_name: str, asked: Sequence[str], window: SyncWindow, bookmark: str, *, deleted: bool
    ) -> Iterator[RecordPage]:
        """Yield live or deleted records by time of change and id; a bookmark holds both."""
        within = [f"SystemModstamp >= {moment(window.start)}", f"SystemModstamp < {moment(window.end, up=True)}"]
        state = ["IsDeleted = true"] if deleted else self._live(object_name)
        everything = deleted or self._has_archive(object_name)
        while True:
            after = ""
            if bookmark:
                stamp, _, last = bookmark.partition(" ")
                after = f"SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > {quoted(last)})"
            conditions = [*within, *state, after]
            rows, more = self._page(object_name, asked, conditions, "SystemModstamp, Id", everything=everything)
            if more:
                bookmark = f"{moment(parse_moment(rows[-1]['SystemModstamp']))} {rows[-1]['Id']}"
            yield RecordPage(self._records(object_name, rows, asked), bookmark if more else "")
            if not more:
                return

    def _by_id(self, object_name: str, asked: Sequence[str], last: str) -> Iterator[RecordPage]:
        """Yield all live records in the order of their ids."""
        everything = self._has_archive(object_name)
        more = True
        while more:
            conditions = [*self._live(object_name), f"Id > {quoted(last)}" if last else ""]
            rows, more = self._page(object_name, asked, conditions, "Id", everything=everything)
            last = rows[-1]["Id"] if rows else ""
            yield RecordPage(self._records(object_name, rows, asked), f"{REST}{last}" if more else "")

    def _page(
        self, object_name: str, asked: Sequence[str], conditions: Sequence[str], order: str, *, everything: bool
    ) -> tuple[list[dict[str, Any]], bool]:
        """Return the rows of one query, and whether there may be more of them.

        A page may be shorter than asked; `done` is false then.
        """
        answer = self._current(
            object_name,
            lambda: self._api.query(
                select(self._columns(object_name, asked), object_name, conditions, order, PAGE_ROWS),
                everything=everything,
            ),
        )
        rows: list[dict[str, Any]] = answer["records"]
        return rows, bool(rows) and (not answer["done"] or len(rows) >= PAGE_ROWS)

    def _current(self, object_name: str, ask: Callable[[], T]) -> T:
        """Return the answer to a query; where a field vanished since describe, ask again without it."""
        try:
            return ask()
        except CrmRefusedError as error:
            if error.code != "INVALID_FIELD":
                raise
        self.fields(object_name, again=True)
        return ask()

    def _bulk(self, object_name: str, asked: Sequence[str], start: JobPosition) -> Iterator[RecordPage]:
        for rows, position in self._jobs.pages(start):
            if rows and not set(self._columns(object_name, asked)) <= set(rows[0]):
                raise JobGoneError  # of an earlier run that asked for fewer fields
            yield RecordPage(self._records(object_name, rows, asked), f"{BULK}{position.text()}" if position else "")

    def _records(self, object_name: str, rows: Iterable[Mapping[str, Any]], asked: Sequence[str]) -> list[CrmRecord]:
        return [record_of(object_name, row, self.fields(object_name), asked) for row in rows]

    def _rows_of(self, object_name: str, keys: Sequence[str], asked: Sequence[str]) -> list[dict[str, Any]]:
        columns = self._columns(object_name, asked)
        queries = (
            select(columns, object_name, [one_of("Id", some)])
            for some in id_lists(keys, len(encoded(", ".join(columns))))
        )
        return [row for soql in queries for row in self._api.rows(soql, everything=True)]

    def _columns(self, object_name: str, asked: Sequence[str]) -> list[str]:
        """Return the columns of a query: those of ours and those asked for, as far as the object has them."""
        present = self.fields(object_name)
        columns = [name for name in dict.fromkeys((*SYSTEM_FIELDS, *asked)) if name in present]
        if (length := len(encoded(", ".join(columns)))) > LONGEST_COLUMNS:
            raise ConfigurationError(
                f"the names of {len(columns)} fields of {object_name} make a query of {length:,} characters",
                allowed=f"{LONGEST_COLUMNS:,}",
                do="name fewer in [crm.salesforce] fields",
            )
        return columns

    def _has_archive(self, object_name: str) -> bool:
        """Return whether old records leave plain queries, as activities older than a year do."""
        return "IsArchived" in self.fields(object_name)

    def _live(self, object_name: str) -> list[str]:
        return [LIVE_ONLY] if self._has_archive(object_name) else []


def id_lists(ids: Sequence[str], used: int = 0) -> Iterator[Sequence[str]]:
    """Yield lists of ids, each short enough for the address of a query.

    Parameters
    ----------
    used
        Characters that the rest of the query takes.
    """
    size = max((LONGEST_URL - 500 - used) // len(encoded("'000000000000000',")), 1)
    for begin in range(0, len(ids), size):
        yield ids[begin : begin + size]


def _end_of(window: SyncWindow) -> str:
    return f"{moment(window.end, up=True)[:-1]}+00:00"
