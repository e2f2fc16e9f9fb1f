"""Interface of a source of spend, traffic or counts, which each folder of `reporting/pulls` implements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from leadworth.source_section import SourceSection
from reporting.imports.import_rows import ImportBatch, ImportKind
from reporting.pulls.answer_values import CollectedRows

INTERFACE = "interface"
"""Origin of a batch that was pulled."""
SectionT = TypeVar("SectionT", bound=SourceSection)


@dataclass(frozen=True)
class SourceAccount:
    """Account of a source.

    Attributes
    ----------
    currency
        ISO 4217 code of its money; empty where the source has no money.
    zone
        IANA name of the time zone of its days.
    """

    account_id: str
    currency: str
    zone: str


@dataclass(frozen=True)
class FetchedClick:
    """Campaign of a click."""

    click_id: str
    campaign_id: str
    day: date


@dataclass(frozen=True)
class FetchedDays:
    """Whole days of one account and kind.

    Attributes
    ----------
    batch
        The rows.
    aside
        Rows that could not be used, each with its position and the reason.
    clicks
        Campaigns of clicks of these days.
    """

    batch: ImportBatch
    aside: tuple[str, ...] = ()
    clicks: tuple[FetchedClick, ...] = ()


class ReportSource(ABC, Generic[SectionT]):
    """A source, connected.

    Parameters
    ----------
    section
        Settings of the source.

    Attributes
    ----------
    name
        Name of the source's folder.
    """

    name: ClassVar[str]

    def __init__(self, section: SectionT) -> None:
        self.section = section

    @abstractmethod
    def account(self, account_id: str) -> SourceAccount:
        """Return an account as the source describes it.

        Raises
        ------
        DeliveryError
            Where the source refuses, or does not answer.
        """

    @abstractmethod
    def fetch(self, account: SourceAccount, first: date, last: date) -> Sequence[FetchedDays]:
        """Return everything of the days from `first` to `last`, complete.

        Raises
        ------
        DeliveryError
            Where any part of it did not come.
        """

    def newest_day(self, account: SourceAccount, now: datetime) -> date:
        """Return the newest day that is over, in the zone of the account, and settled."""
        today = now.astimezone(ZoneInfo(account.zone)).date()
        return today - timedelta(days=1 + self.section.settle_days)

    def days(
        self, kind: ImportKind, account: SourceAccount, first: date, last: date, collected: CollectedRows, **more: Any
    ) -> FetchedDays:
        """Return collected rows as whole days; `more` are further fields of the batch."""
        batch = ImportBatch(
            kind=kind,
            platform=self.name,
            account_id=account.account_id,
            origin=INTERFACE,
            zone=account.zone,
            first_day=first,
            last_day=last,
            rows=tuple(collected.rows),
            rows_read=collected.read,
            rows_set_aside=len(collected.aside),
            **more,
        )
        return FetchedDays(batch, tuple(collected.aside))

    @abstractmethod
    def close(self) -> None:
        """Close the connections."""
