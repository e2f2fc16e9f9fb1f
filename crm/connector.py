"""Contract of a CRM connector: everything that the sync and the write-back need from one CRM."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from crm.crm_http import CrmHttp
from leadworth.crm_catalog import CrmInfo, crms
from leadworth.crm_records import (
    CrmField,
    CrmRecord,
    CrmStage,
    FieldChange,
    RecordEvent,
    RecordLink,
    RecordWriteResult,
    ScoreRow,
)
from leadworth.errors import TerminalError
from leadworth.health_findings import HealthFinding


@dataclass(frozen=True)
class SyncWindow:
    """Half-open window of modified times, frozen at the start of a run: `start <= modified < end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class RecordPage:
    """Page of records.

    Attributes
    ----------
    records
        Records in the order of the CRM.
    bookmark
        Text with which `Connector.pages` goes on after this page, also in another process; empty after the last page.
    token
        Text with which `Connector.removals_after` goes on in the next run; empty where the CRM gives none.
    """

    records: Sequence[CrmRecord]
    bookmark: str = ""
    token: str = ""


class StaleCursorError(TerminalError):
    """The CRM no longer knows the changes since a cursor: everything has to be read again."""


class ForgedEventError(TerminalError):
    """A webhook whose signature, secret or age is not valid."""


class Connector(ABC):
    """Connection with one account of a CRM.

    Methods that make requests raise `UnauthorisedError` (wrong credentials or rights: stop and say what to do),
    `crm.crm_http.QuotaReachedError` (the share of the day is used: stop, the next run goes on), or another
    `DeliveryError` once repetitions have failed.

    Attributes
    ----------
    name
        Name of the connector's folder.
    write_rows
        Most rows of one call of `write`.
    linked_rows
        Records whose associations one request reads; smaller pages are stored together up to this number.
    stored_rows
        Most records that are stored together, where what has to be read besides a page takes many requests.
    event_answer
        Media type and body of the answer to a webhook; None: 202 without a body.
    deal_of_converted
        Object to which the scores of converted leads go, which cannot be changed themselves; empty: there is none.
    http
        Sends the requests.
    """

    name: ClassVar[str]
    write_rows: ClassVar[int] = 100
    linked_rows: ClassVar[int] = 1
    stored_rows: ClassVar[int] = 10_000
    event_answer: ClassVar[tuple[str, bytes] | None] = None
    deal_of_converted: ClassVar[str] = ""
    http: CrmHttp

    @property
    def info(self) -> CrmInfo:
        """Data of the CRM."""
        return crms()[self.name]

    @property
    @abstractmethod
    def lead_object(self) -> str:
        """Object whose records are the leads."""

    @property
    def requests(self) -> int:
        """Requests made since the connector was opened."""
        return self.http.requests

    @property
    def clock_offset(self) -> timedelta | None:
        """What the CRM's clock is ahead of this machine's, as its answers say; None before the first."""
        return self.http.clock_offset

    @abstractmethod
    def check(self) -> list[HealthFinding]:
        """Check credentials, rights, versions and the fields of the scores; make no change."""

    @abstractmethod
    def fields(self, object_name: str) -> Sequence[CrmField]:
        """Return the present fields of an object."""

    @abstractmethod
    def stages(self) -> Sequence[CrmStage]:
        """Return the stages of deals, and the statuses of leads where they have a meaning, in every pipeline."""

    @abstractmethod
    def pages(
        self, object_name: str, fields: Sequence[str], window: SyncWindow | None, bookmark: str = ""
    ) -> Iterator[RecordPage]:
        """Yield the records that changed in a window, or all records.

        Records that the CRM hides by default (archived, converted, awaiting approval) belong to both. Every record
        that changed within the window and was visible at its end must come, whatever else changes meanwhile; it may
        come twice.

        Parameters
        ----------
        object_name
            Object of the catalog.
        fields
            Fields to read.
        window
            None: all records that are not deleted.
        bookmark
            Of the last page that was stored; empty: from the beginning.

        Raises
        ------
        StaleCursorError
            If the CRM does not know the changes since the start of the window.
        """

    @abstractmethod
    def removals(self, object_name: str, window: SyncWindow) -> Iterator[RecordPage]:
        """Yield the records deleted, merged or restored in a window; restored ones are LIVE, with their values.

        Raises
        ------
        StaleCursorError
            If the CRM does not know the removals since the start of the window; `missing_ids` finds them then.
        """

    def removal_token(self, object_name: str) -> str:
        """Return the token after which `removals_after` knows all removals, read before all records are read.

        Empty where the CRM knows deletions by time, or not at all.
        """
        del object_name
        return ""

    def removals_after(self, object_name: str, window: SyncWindow, token: str) -> Iterator[RecordPage]:
        """Yield what `removals` yields, for a CRM that knows deletions by a token and not by time.

        Parameters
        ----------
        token
            Latest token of a page of the last run; empty: there is none.

        Raises
        ------
        StaleCursorError
            As `removals`; a page before may hold a new token.
        """
        del token
        return self.removals(object_name, window)

    @abstractmethod
    def ids(self, object_name: str) -> Iterator[Sequence[str]]:
        """Yield the ids of all records that are not deleted, to find those that vanished without a trace."""

    @abstractmethod
    def count(self, object_name: str) -> int | None:
        """Return the number of records that are not deleted; None where the CRM cannot count."""

    @abstractmethod
    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[CrmRecord]:
        """Return records by id, as they are now; an id that vanished returns DELETED or MERGED."""

    def completed(self, object_name: str, records: Sequence[CrmRecord]) -> Sequence[CrmRecord]:
        """Return records with the values of `CrmRecord.unread`, which is empty then."""
        del object_name
        return records

    @abstractmethod
    def links(self, object_name: str, ids: Sequence[str]) -> Mapping[str, tuple[RecordLink, ...]]:
        """Return the present associations of records with the objects of the catalog; every id has an entry."""

    @abstractmethod
    def changes(self, object_name: str, ids: Sequence[str]) -> Iterator[FieldChange]:
        """Yield the former and present values of the catalog's `history` fields, in order of time for each record."""

    @abstractmethod
    def missing_score_fields(self, object_name: str) -> Sequence[str]:
        """Return the score fields (`crm.score_fields`) that the account does not have."""

    def score_field(self, object_name: str, name: str) -> str:
        """Return the name of a score field in the CRM."""
        del object_name
        return name

    @abstractmethod
    def create_score_fields(self, object_name: str) -> Sequence[str]:
        """Create the missing score fields and return their names; existing ones stay as they are.

        Raises
        ------
        TerminalError
            If an administrator has to create them; the message says how.
        """

    @abstractmethod
    def write(self, object_name: str, rows: Sequence[ScoreRow]) -> Sequence[RecordWriteResult]:
        """Write scores, at most `write_rows`, and return one result per row in the same order.

        Only score fields are written. Assignment rules, notifications and workflows are switched off where the CRM
        has a switch. A faulty row never costs another one.
        """

    @abstractmethod
    def is_own_change(self, record: CrmRecord) -> bool | None:
        """Return whether the last change of a record was made by leadworth's user; None where the CRM does not say."""

    @abstractmethod
    def events(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Sequence[RecordEvent]:
        """Verify a webhook and return the records to read again.

        Parameters
        ----------
        url
            Full public address with query, as the CRM called it.
        headers
            Names in lower case.

        Raises
        ------
        ForgedEventError
            If it is not from the CRM, or too old.
        """

    def renew_events(self) -> None:  # noqa: B027 - only some CRMs have something to renew
        """Renew the order of webhooks in a CRM that forgets it after some days; called by each sync.

        Raises
        ------
        TerminalError
            If the CRM refuses; a sync goes on without webhooks.
        """

    def close(self) -> None:
        """Close the connections."""
        self.http.close()
