"""Reading of Dataverse tables: windows, whole tables, ids, and deletions by change tracking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from crm.connector import RecordPage, StaleCursorError, SyncWindow
from crm.connectors.dynamics.dataverse_api import LOOKUP_TABLE, DataverseApi
from crm.connectors.dynamics.dataverse_metadata import DataverseMetadata
from crm.connectors.dynamics.dataverse_values import CREATED, MERGED, MODIFIED, SYSTEM_FIELDS, moment, record_of
from crm.crm_http import CrmRefusedError
from leadworth.crm_records import CrmRecord, RecordState

PAGE_ROWS = 5_000
READ_ROWS = 100
"""Ids of one request, whose address stays below 8,000 characters."""
PREFER = f'odata.maxpagesize={{rows}},odata.include-annotations="{LOOKUP_TABLE}"'
TRACK = f"{PREFER},odata.track-changes"
UNKNOWN_COLUMN = "could not find a property"
"""In the message of a query with a column that is not there."""
TOO_MANY_TO_COUNT = "0x8004e023"
EXPIRED = "0x80044352"
"""Code of a delta link that is too old, or older than a change of the table's columns."""
FIRST_YEAR = datetime(2000, 1, 1, tzinfo=UTC)
NOT_MERGED = f"({MERGED} eq false or {MERGED} eq null)"
SHORTEST_SPAN = timedelta(seconds=1)


@dataclass(frozen=True)
class RemovedRows:
    """Page of a delta.

    Attributes
    ----------
    ids
        Records that were deleted.
    link
        Delta link for the next run; empty before the last page.
    """

    ids: list[str]
    link: str


class DataverseReader:
    """Tables of one environment.

    Parameters
    ----------
    api
        Requests to the environment.
    metadata
        Its tables and columns.
    """

    def __init__(self, api: DataverseApi, metadata: DataverseMetadata) -> None:
        self._api = api
        self._metadata = metadata

    def pages(
        self, name: str, asked: Sequence[str], window: SyncWindow | None, bookmark: str = ""
    ) -> Iterator[RecordPage]:
        """Yield the records of a window by time of change and id, or all records by id.

        A bookmark is the link to the next page. If a column vanishes meanwhile, it begins again without it.
        """
        try:
            yield from self._linked_pages(name, asked, window, bookmark)
        except CrmRefusedError as error:
            if UNKNOWN_COLUMN not in error.about.lower():
                raise
            self._metadata.fields(name, again=True)
            yield from self._linked_pages(name, asked, window, "")

    def ids(self, name: str) -> Iterator[list[str]]:
        """Yield the ids of all records that are not merged into another."""
        table = self._metadata.table(name)
        filters = {"_filter": NOT_MERGED} if self._has(name, MERGED) else {}
        answer = self._api.get(
            table.path, prefer=PREFER.format(rows=PAGE_ROWS), _select=table.key, _orderby=table.key, **filters
        )
        while True:
            yield [row[table.key] for row in answer["value"]]
            if "@odata.nextLink" not in answer:
                return
            answer = self._api.get(self._api.relative(answer["@odata.nextLink"]), prefer=PREFER.format(rows=PAGE_ROWS))

    def count(self, name: str) -> int:
        """Return the number of records that are not merged into another.

        An aggregate over more than 50,000 rows is refused: the time of creation is halved until none is.
        """
        kept = NOT_MERGED if self._has(name, MERGED) else ""
        rows = self._counts(name, kept)
        return self._count_by_halves(name, kept) if rows is None else rows

    def by_ids(self, name: str, ids: Sequence[str], asked: Sequence[str]) -> list[CrmRecord]:
        """Return records by id, in their order; one that is in no answer is deleted."""
        table = self._metadata.table(name)
        found: dict[str, CrmRecord] = {}
        for begin in range(0, len(ids), READ_ROWS):
            listed = ",".join(f"'{key}'" for key in ids[begin : begin + READ_ROWS])
            condition = f"Microsoft.Dynamics.CRM.In(PropertyName='{table.key}',PropertyValues=[{listed}])"
            columns = ",".join(self._columns(name, asked))
            answer = self._api.get(table.path, prefer=PREFER.format(rows=PAGE_ROWS), _select=columns, _filter=condition)
            found |= {record.record_id: record for record in self._records(name, answer["value"], asked)}
        return [found.get(key) or CrmRecord(name, key, state=RecordState.DELETED) for key in ids]

    def removals(self, name: str, link: str) -> Iterator[RecordPage]:
        """Yield the records deleted since a delta link; the last page has the link for the next run as its token.

        Merged records stay, with a new modified time: `pages` yields them.

        Raises
        ------
        StaleCursorError
            Without a link, with one that expired, and where change tracking is off. If tracking is on, a page before
            has a new link.
        """
        if not self._metadata.table(name).tracked:
            raise StaleCursorError(
                f"change tracking of the table {name} is off: deletions are found by comparing all ids",
                do="have an administrator switch it on, which is for ever, or accept some requests more a run",
            )
        if link:
            try:
                for removed in self._delta(link):
                    records = [CrmRecord(name, key, state=RecordState.DELETED) for key in removed.ids]
                    yield RecordPage(records, token=removed.link)
                return
            except CrmRefusedError as error:
                if error.code != EXPIRED:
                    raise
        # The new link is taken before all ids are compared: what is deleted in between is in both.
        yield RecordPage((), token=self.new_link(name))
        raise StaleCursorError(
            f"Dataverse no longer knows the deletions of {name} since the last run" if link else f"first run of {name}",
            do="compare all ids, as a run does by itself",
        )

    def _linked_pages(
        self, name: str, asked: Sequence[str], window: SyncWindow | None, bookmark: str
    ) -> Iterator[RecordPage]:
        table = self._metadata.table(name)
        prefer = PREFER.format(rows=PAGE_ROWS)
        if bookmark:
            answer = self._api.get(bookmark, prefer=prefer)
        else:
            options = {"_select": ",".join(self._columns(name, asked)), "_orderby": table.key}
            if window is not None:
                end = window.end + timedelta(seconds=1) if window.end.microsecond else window.end
                options["_filter"] = f"{MODIFIED} ge {moment(window.start)} and {MODIFIED} lt {moment(end)}"
                options["_orderby"] = f"{MODIFIED},{table.key}"
            answer = self._api.get(table.path, prefer=prefer, **options)
        while True:
            link = self._api.relative(answer.get("@odata.nextLink", ""))
            yield RecordPage(self._records(name, answer["value"], asked), link)
            if not link:
                return
            answer = self._api.get(link, prefer=prefer)

    def new_link(self, name: str) -> str:
        """Return a delta link as of now, which takes a read of all ids; empty where change tracking is off."""
        table = self._metadata.table(name)
        if not table.tracked:
            return ""
        answer = self._api.get(table.path, prefer=TRACK.format(rows=PAGE_ROWS), _select=table.key)
        while "@odata.deltaLink" not in answer:
            answer = self._api.get(self._api.relative(answer["@odata.nextLink"]), prefer=TRACK.format(rows=PAGE_ROWS))
        return self._api.relative(answer["@odata.deltaLink"])

    def _delta(self, link: str) -> Iterator[RemovedRows]:
        while link:
            answer = self._api.get(link, prefer=PREFER.format(rows=PAGE_ROWS))
            ids = [row["id"] for row in answer["value"] if row.get("reason") == "deleted"]
            link = self._api.relative(answer.get("@odata.nextLink", ""))
            yield RemovedRows(ids, "" if link else self._api.relative(answer["@odata.deltaLink"]))

    def _count_by_halves(self, name: str, kept: str) -> int:
        """Return the number of rows, counted by halves of the time of creation."""
        spans = [(FIRST_YEAR, datetime.now(UTC) + timedelta(days=2))]
        total = 0
        while spans:
            start, end = spans.pop()
            within = f"{CREATED} ge {moment(start)} and {CREATED} lt {moment(end)}"
            if (rows := self._counts(name, f"{kept} and {within}" if kept else within)) is not None:
                total += rows
            elif end - start <= SHORTEST_SPAN:
                about = f"more than 50,000 rows of {name} created at {moment(start)}"
                raise CrmRefusedError("Dataverse", TOO_MANY_TO_COUNT, about)
            else:
                middle = start + (end - start) / 2
                spans += [(start, middle.replace(microsecond=0)), (middle.replace(microsecond=0), end)]
        return total

    def _counts(self, name: str, condition: str) -> int | None:
        """Return the number of rows that meet a condition; None where they are too many for an aggregate."""
        aggregate = "aggregate($count as rows)"
        applied = f"filter({condition})/{aggregate}" if condition else aggregate
        try:
            rows = self._api.get(self._metadata.table(name).path, _apply=applied)["value"]
        except CrmRefusedError as error:
            if error.code.lower() != TOO_MANY_TO_COUNT:
                raise
            return None
        return int(rows[0]["rows"]) if rows else 0

    def _records(self, name: str, rows: Sequence[Mapping[str, Any]], asked: Sequence[str]) -> list[CrmRecord]:
        key, fields = self._metadata.table(name).key, self._metadata.fields(name)
        return [record_of(name, key, row, fields, asked) for row in rows]

    def _columns(self, name: str, asked: Sequence[str]) -> list[str]:
        """Return the columns of a query: those of ours and those asked for, as far as the table has them."""
        present = self._metadata.fields(name)
        wanted = dict.fromkeys((self._metadata.table(name).key, *SYSTEM_FIELDS, *asked))
        return [column for column in wanted if column in present]

    def _has(self, name: str, column: str) -> bool:
        return column in self._metadata.fields(name)
