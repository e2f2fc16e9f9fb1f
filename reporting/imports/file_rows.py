"""Rows of a file of spend, traffic or counts; total rows are set apart, faulty rows are set aside with their reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.rejects import Rejects
from leadworth.errors import InputError
from leadworth.money import is_currency
from leadworth.readers.money_reader import read_money
from leadworth.readers.text_reader import trimmed_text
from leadworth.unreadable import Unreadable
from reporting.imports.country_codes import country_code
from reporting.imports.import_proposal import ImportProposal
from reporting.imports.import_rows import (
    METRIC_NAMES,
    ImportBatch,
    ImportRow,
    MetricRow,
    QueryRow,
    SpendRow,
    TrafficRow,
)

if TYPE_CHECKING:
    from reporting.imports.import_table import TableLine

_SUMMED = {"spend": "cost", "traffic": "sessions", "metrics": "count", "queries": "clicks"}
_NOT_A_NAME = frozenset({"-", "--", "---", "–", "—", "(not set)"})


@dataclass(frozen=True)
class FileRows:
    """Rows of a file.

    Attributes
    ----------
    batches
        One for each account.
    total
        Sum of the rows: cost, sessions, counts or clicks.
    source_total
        Of the file's own total row; None where it has none.
    totals
        Number of total rows.
    """

    batches: tuple[ImportBatch, ...]
    total: Decimal
    source_total: Decimal | None
    totals: int

    @property
    def difference(self) -> float:
        """Difference between our sum and the file's own, as a share of the file's."""
        if self.source_total is None or self.total == self.source_total:
            return 0.0
        return float(abs(self.total - self.source_total) / abs(self.source_total)) if self.source_total else 1.0


class _RowFaultError(Exception):
    """A row that cannot be used, with the reason."""


@dataclass(frozen=True)
class _Cells:
    """Cells of one row by field."""

    proposal: ImportProposal
    line: TableLine
    positions: Mapping[str, int]

    def raw(self, name: str) -> object:
        position = self.positions.get(name)
        return None if position is None else self.line.cells[position]

    def text(self, name: str) -> str:
        """Return a text; empty where it is missing."""
        text = trimmed_text(self.raw(name)) or ""
        return "" if text in _NOT_A_NAME else text

    def decimal(self, name: str) -> Decimal | None:
        """Return an exact number; None where it is missing."""
        cell = self.raw(name)
        value = read_money(cell, self.proposal.decimal)
        if isinstance(value, Unreadable):
            raise _RowFaultError(f"{value.reason}: {self.proposal.columns[name]}")
        return None if value is None else Decimal(repr(value))

    def whole(self, name: str) -> int | None:
        """Return a count; None where it is missing."""
        value = self.decimal(name)
        if value is None:
            return None
        if value != value.to_integral_value() or value < 0:
            raise _RowFaultError(f"not a count: {self.proposal.columns[name]}")
        return int(value)

    def needed(self, name: str) -> int:
        """Return a count that a row must have."""
        value = self.whole(name)
        if value is None:
            raise _RowFaultError(f"no value: {self.proposal.columns[name]}")
        return value

    def rounded(self, name: str) -> int | None:
        """Return a sum that need not be whole, rounded."""
        value = self.decimal(name)
        return None if value is None else round(value)

    def day(self) -> date | Unreadable | None:
        """Return the day; None where the row has none."""
        if self.proposal.start is not None:
            number = self.decimal("nth_day") if trimmed_text(self.raw("nth_day")) else None
            return None if number is None else self.proposal.start + timedelta(days=int(number))
        cell = self.raw("day" if "day" in self.positions else "range_start")
        if isinstance(cell, str) and not any(map(str.isdigit, cell)):
            return None
        return self.proposal.read_day(cell)


def read_rows(proposal: ImportProposal, origin: str, rejects: Rejects) -> FileRows:
    """Return the rows of a file by account.

    A row without a day, or of spend without a campaign, is a total whatever it is called; a row with a day is none,
    even if its campaign is called "Total".

    Parameters
    ----------
    origin
        See `ImportBatch`.
    rejects
        Receives the rows that cannot be used.

    Raises
    ------
    InputError
        If no row can be used.
    """
    positions = {name: proposal.table.columns.index(header) for name, header in proposal.columns.items()}
    make = _MAKERS[proposal.kind]
    rows: list[ImportRow] = []
    totals: list[_Cells] = []
    for line in proposal.table.lines:
        cells = _Cells(proposal, line, positions)
        try:
            day = cells.day()
            if day is None or _is_total(cells):
                totals.append(cells)
                continue
            if isinstance(day, Unreadable):
                raise _RowFaultError(f"{day.reason}: day")
            made = list(make(cells, day))
        except _RowFaultError as fault:
            rejects.add(line.line, str(fault), line.cells)
            continue
        rows += made
    if not rows:
        raise InputError(
            f"no row of {proposal.table.name} can be read ({rejects.summary() or 'it has no rows with a day'})",
            do="break the report down by day and campaign, and export it again",
        )
    total = sum((_sum_of(row) for row in rows), Decimal(0))
    source_total = _grand_total(
        totals, {cells.casefold() for cells in map(_campaign_of, rows)}, _summed_field(proposal)
    )
    read = len(proposal.table.lines) - len(totals) + proposal.table.faulty
    return FileRows(
        _batches(proposal, rows, origin, read, rejects.count, source_total), total, source_total, len(totals)
    )


def _is_total(cells: _Cells) -> bool:
    kind = cells.proposal.kind
    if kind == "spend":
        return not cells.text("campaign_name") and not cells.text("campaign_id")
    return kind == "queries" and "query" in cells.positions and not cells.text("query")


def _batches(
    proposal: ImportProposal, rows: list[ImportRow], origin: str, read: int, faulty: int, source_total: Decimal | None
) -> tuple[ImportBatch, ...]:
    accounts: dict[str, list[ImportRow]] = {}
    for row in rows:
        accounts.setdefault(row.property_id if isinstance(row, TrafficRow) else row.account_id, []).append(row)
    first = min(row.day for row in rows)
    last = max(row.day for row in rows)
    batches = [
        ImportBatch(
            kind=proposal.kind,
            platform=proposal.platform,
            account_id=account,
            origin=origin,
            zone=proposal.zone,
            first_day=first,
            last_day=last,
            rows=own,
            rows_read=len(own),
            quality=proposal.quality,
        )
        for account, own in accounts.items()
    ]
    # A faulty row may not even say its account: the first batch counts it, so that the sum over the batches is right.
    others = sum(len(batch.rows) for batch in batches[1:])
    stated = source_total if len(batches) == 1 else None
    batches[0] = replace(batches[0], rows_read=read - others, rows_set_aside=faulty, source_total=stated)
    return tuple(batches)


def _account(cells: _Cells) -> str:
    account = cells.proposal.account or cells.text("account_id")
    if not account:
        raise _RowFaultError("no account")
    return account


def _money_of(cells: _Cells) -> tuple[Decimal, str]:
    cost = cells.decimal("cost")
    if cost is None:
        raise _RowFaultError(f"no amount: {cells.proposal.columns['cost']}")
    currency = cells.proposal.currency or cells.text("currency").upper()
    if not is_currency(currency):
        raise _RowFaultError("no currency of ISO 4217: currency")
    return cost, currency


def _spend(cells: _Cells, day: date) -> Iterator[SpendRow]:
    cost, currency = _money_of(cells)
    impressions = cells.whole("impressions")
    eligible, bound = _eligible(cells, impressions)
    yield SpendRow(
        platform=cells.proposal.platform,
        account_id=_account(cells),
        campaign_id=cells.text("campaign_id"),
        campaign_name=cells.text("campaign_name"),
        network=_network(cells),
        country=country_code(cells.text("country")),
        day=day,
        currency=currency,
        cost=cost,
        impressions=impressions,
        clicks=cells.whole("link_clicks" if "link_clicks" in cells.positions else "clicks"),
        invalid_clicks=cells.whole("invalid_clicks"),
        eligible_impressions=eligible,
        eligible_is_bound=bound,
    )


def _network(cells: _Cells) -> str:
    """Return the network; of a campaign that runs on many, its type."""
    kind = cells.text("campaign_type")
    crossing = any(word in kind.casefold() for word in ("performance max", "demand gen"))
    return kind if crossing else cells.text("network") or kind


def _eligible(cells: _Cells, impressions: int | None) -> tuple[float | None, bool]:
    """Return the impressions that were possible, and whether the share is a bound such as "< 10%"."""
    written = cells.raw("impression_share")
    if impressions is None or written is None:
        return None, False
    text = str(written).strip()
    header = cells.proposal.columns["impression_share"].casefold()
    share = read_money(text.strip("<> %"), cells.proposal.decimal)
    if isinstance(share, Unreadable):
        raise _RowFaultError(f"not a share: {cells.proposal.columns['impression_share']}")
    if not share:
        return None, False
    is_percent = "%" in text or "%" in header or "percent" in header
    return impressions / (share / 100 if is_percent else share), text.startswith("<")


def _traffic(cells: _Cells, day: date) -> Iterator[TrafficRow]:
    source, medium = cells.text("source"), cells.text("medium")
    if "source_medium" in cells.positions:
        source, _, medium = map(str.strip, cells.text("source_medium").partition(" / "))
    sessions = cells.needed("sessions")
    seconds = cells.rounded("session_seconds")
    mean = cells.decimal("mean_seconds") if seconds is None else None
    yield TrafficRow(
        property_id=_account(cells),
        day=day,
        source=source,
        medium=medium,
        campaign_id=cells.text("campaign_id"),
        campaign_name=cells.text("campaign_name"),
        country=country_code(cells.text("country")),
        channel=cells.text("channel") or None,
        sessions=sessions,
        engaged_sessions=cells.needed("engaged_sessions"),
        users=cells.whole("users"),
        views=cells.whole("views"),
        session_seconds=seconds if mean is None else round(mean * sessions),
        key_events=cells.rounded("key_events"),
    )


def _metrics(cells: _Cells, day: date) -> Iterator[MetricRow]:
    account = _account(cells)
    campaign = cells.text("campaign_name")
    if "count" in cells.positions:
        name = cells.proposal.metric or cells.text("metric")
        if not name:
            raise _RowFaultError("no name of the count: metric")
        yield MetricRow(name, account, day, campaign, cells.needed("count"))
        return
    for name in METRIC_NAMES:
        count = cells.whole(name)
        if count is not None:
            yield MetricRow(name, account, day, campaign, count)


def _queries(cells: _Cells, day: date) -> Iterator[QueryRow]:
    cost, currency = _money_of(cells) if "cost" in cells.positions else (None, "")
    yield QueryRow(
        account_id=_account(cells),
        kind="organic" if cost is None else "paid",
        day=day,
        query=cells.text("query"),
        country=country_code(cells.text("country")),
        clicks=cells.needed("clicks"),
        impressions=cells.whole("impressions") or 0,
        cost=cost,
        currency=currency,
    )


_MAKERS: Mapping[str, Callable[[_Cells, date], Iterator[ImportRow]]] = {
    "spend": _spend,
    "traffic": _traffic,
    "metrics": _metrics,
    "queries": _queries,
}


def _sum_of(row: ImportRow) -> Decimal:
    if isinstance(row, SpendRow):
        return row.cost
    if isinstance(row, TrafficRow):
        return Decimal(row.sessions)
    return Decimal(row.count if isinstance(row, MetricRow) else row.clicks)


def _campaign_of(row: ImportRow) -> str:
    return row.campaign_name if isinstance(row, SpendRow | TrafficRow) else ""


def _summed_field(proposal: ImportProposal) -> str | None:
    """Return the field that a total states; None where several counts are summed."""
    name = _SUMMED[proposal.kind]
    return name if name in proposal.columns else None


def _grand_total(totals: list[_Cells], campaigns: set[str], name: str | None) -> Decimal | None:
    """Return the total of the whole file: without a day, and without a campaign that has rows of its own."""
    if name is None:
        return None
    stated: list[Decimal] = []
    for cells in totals:
        campaign = cells.text("campaign_name").casefold()
        value = read_money(cells.raw(name), cells.proposal.decimal)
        if value is None or isinstance(value, Unreadable) or (campaign and campaign in campaigns) or _has_day(cells):
            continue
        stated.append(Decimal(repr(value)))
    return max(stated, key=abs, default=None)


def _has_day(cells: _Cells) -> bool:
    return isinstance(cells.day(), date)
