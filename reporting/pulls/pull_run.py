"""One run of a pull: the days of each account in ranges, each stored when it is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from leadworth.errors import InputError, LeadworthError
from leadworth.http_errors import UnauthorisedError
from reporting.imports.import_rows import MetricRow, QueryRow, SpendRow, TrafficRow
from reporting.pulls.report_source import FetchedDays, ReportSource, SourceAccount

MOST_DIFFERENCE = Decimal("0.005")
"""Share by which the sum of the rows may differ from the total that the source states."""

Store = Callable[[FetchedDays], None]


@dataclass
class AccountPull:
    """What was pulled from one account.

    Attributes
    ----------
    first_day, last_day
        Days that were requested; None where the account did not answer.
    pulled_to
        Newest day up to which everything came; None where nothing did.
    rows, read
        Kind -> rows, and records that the source sent.
    sums
        Kind and currency -> sum: cost of spend, sessions of traffic, clicks of queries. Metrics are of several units
        and have none.
    aside
        Rows that were set aside, with position and reason.
    quality
        What the source says about its own figures.
    differences
        Ranges whose rows do not add up to the total that the source states.
    error
        Why the rest is missing; None where nothing is.
    """

    source: str
    account_id: str
    first_day: date | None = None
    last_day: date | None = None
    pulled_to: date | None = None
    rows: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    clicks: int = 0
    aside: list[str] = field(default_factory=list)
    quality: set[str] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)
    error: LeadworthError | None = None

    @property
    def is_complete(self) -> bool:
        """Whether everything that was requested came and could be used."""
        return self.error is None and not self.aside and not self.differences

    def missing_days(self) -> str:
        """Return the days that did not come, as text; empty where all did."""
        if self.error is None or self.first_day is None or self.last_day is None:
            return ""
        begin = self.first_day if self.pulled_to is None else self.pulled_to + timedelta(days=1)
        return f"{begin} to {self.last_day}"

    def count(self, fetched: FetchedDays) -> None:
        """Add the rows of a range."""
        batch = fetched.batch
        self.rows[batch.kind] = self.rows.get(batch.kind, 0) + len(batch.rows)
        self.read[batch.kind] = self.read.get(batch.kind, 0) + batch.rows_read
        self.clicks += len(fetched.clicks)
        self.aside += [f"{batch.kind} of {batch.first_day} to {batch.last_day}, {reason}" for reason in fetched.aside]
        if batch.quality:
            self.quality.add(batch.quality)
        total = Decimal(0)
        for row in batch.rows:
            if isinstance(row, MetricRow):
                continue
            amount = amount_of(row)
            total += amount
            key = (batch.kind, row.currency if isinstance(row, SpendRow) else "")
            self.sums[key] = self.sums.get(key, Decimal(0)) + amount
        if batch.source_total is not None and abs(total - batch.source_total) > MOST_DIFFERENCE * abs(
            batch.source_total
        ):
            self.differences.append(
                f"{batch.kind} of {batch.first_day} to {batch.last_day}: rows add up to {total:,}, the source says "
                f"{batch.source_total:,}"
            )


def amount_of(row: SpendRow | TrafficRow | QueryRow) -> Decimal:
    """Return what of a row is added up: cost, sessions or clicks."""
    if isinstance(row, SpendRow):
        return row.cost
    return Decimal(row.clicks if isinstance(row, QueryRow) else row.sessions)


def pull_source(
    name: str,
    accounts: Sequence[str],
    connect: Callable[[], AbstractContextManager[ReportSource[Any]]],
    store: Store,
    *,
    now: datetime,
    since: date | None = None,
    until: date | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Iterator[AccountPull]:
    """Pull all accounts of a source; an account that fails is a result, and the others are pulled all the same.

    Parameters
    ----------
    name
        Name of the source.
    accounts
        Ids of its accounts.
    connect
        Connects the source.
    store
        Stores the days of a range; called in order of time.
    now
        Present time, timezone-aware.
    since, until
        First and last day; None: the days that the settings fetch again, up to the newest settled day.
    advance
        Called with the number of days that were finished.
    """
    try:
        with connect() as source:
            for account_id in accounts:
                yield _pull_account(source, account_id, store, now, since, until, advance)
    except LeadworthError as error:  # no connection: packages or secrets are missing
        for account_id in accounts:
            yield AccountPull(name, account_id, error=error)


def _pull_account(
    source: ReportSource[Any],
    account_id: str,
    store: Store,
    now: datetime,
    since: date | None,
    until: date | None,
    advance: Callable[[int], None],
) -> AccountPull:
    """Pull the ranges of an account until one fails."""
    pull = AccountPull(source.name, account_id)
    try:
        account = source.account(account_id)
        for first, last in _ranges(source, account, pull, now, since, until):
            for fetched in source.fetch(account, first, last):
                store(fetched)
                pull.count(fetched)
                pull.pulled_to = fetched.batch.last_day
            advance((last - first).days + 1)
    except UnauthorisedError as error:
        pull.error = LeadworthError(
            f"{source.section.title} refused the credentials: {error.code}",
            do=f"renew the credentials in [report.sources.{source.name}] and check the access to account {account_id}",
        )
    except LeadworthError as error:
        pull.error = error
    except KeyError as error:
        pull.error = LeadworthError(
            f"an answer of {source.section.title} has no field {error}",
            do=f"compare the version in [report.sources.{source.name}] with those that the platform serves",
        )
    return pull


def _ranges(
    source: ReportSource[Any],
    account: SourceAccount,
    pull: AccountPull,
    now: datetime,
    since: date | None,
    until: date | None,
) -> Iterator[tuple[date, date]]:
    """Yield the ranges of requests, in order of time."""
    newest = source.newest_day(account, now)
    last = min(until, newest) if until is not None else newest
    first = since if since is not None else last - timedelta(days=source.section.lookback_days - 1)
    if first > last:
        raise InputError(
            f"no whole day between {first} and {last}",
            allowed=f"days up to {newest}, the newest that {source.section.title} has settled",
            do="correct --since and --until",
        )
    pull.first_day, pull.last_day = first, last
    step = timedelta(days=source.section.request_days)
    while first <= last:
        yield first, min(first + step - timedelta(days=1), last)
        first += step
