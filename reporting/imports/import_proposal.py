"""What was recognised in a file, before anything is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import available_timezones

from crm.inference.scaled_amounts import is_scaled
from leadworth.errors import InputError
from leadworth.money import is_currency
from leadworth.readers.moment_reader import read_moment
from leadworth.readers.number_notation import Mark
from reporting.imports.file_notation import ReadDay, currencies_in, day_reader, decimal_mark, range_refusal
from reporting.imports.import_headers import RecognisedFile, recognise
from reporting.imports.import_rows import METRIC_NAMES, ImportKind
from reporting.imports.import_table import ImportTable
from reporting.imports.undecided import UndecidedError

COUNTS = (
    *("impressions", "clicks", "link_clicks", "invalid_clicks", "sessions", "engaged_sessions", "users", "views"),
    *("count", *METRIC_NAMES),
)
_AMOUNTS = ("cost", "mean_seconds", "session_seconds", "impression_share", "key_events")
_ACCOUNT = re.compile(r"(?<!\d)(\d{3}-\d{3}-\d{4})(?!\d)|\b(act_\d+)\b|(?<!\d)(\d{6,})(?!\d)")
_ABOUT_ACCOUNT = re.compile(
    r"account|property|customer|konto|kunde|compte|cuenta|conta|cliente|proprietà|propriété|propiedad|аккаунт|계정",
    re.I,
)
_ZONE = re.compile(r"\b(?:UTC|[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?)\b")
_START = re.compile(r"start date:?\s*(\S+)", re.IGNORECASE)
_QUALITY = re.compile(r"sampled|sampling|threshold", re.IGNORECASE)
_PERIODS = (
    "week",
    "month",
    "quarter",
    "woche",
    "monat",
    "settimana",
    "mese",
    "semaine",
    "mois",
    "semana",
    "mes",
    "mês",
)


@dataclass(frozen=True)
class ImportOptions:
    """What the user says about a file; None where it is to be recognised.

    Attributes
    ----------
    columns
        Field -> header.
    metric
        Name of the counts of a file with only days and counts.
    """

    platform: str | None = None
    account: str | None = None
    currency: str | None = None
    decimal: Mark | None = None
    date_format: str | None = None
    zone: str | None = None
    metric: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportProposal:
    """What was recognised in a file.

    Attributes
    ----------
    columns
        Field -> header.
    account
        Of all rows; None where a column names it.
    currency
        Of all rows; None where a column names it, empty where there is no money.
    start
        First day, where the rows count days from it.
    """

    table: ImportTable
    file: RecognisedFile
    platform: str
    account: str | None
    currency: str | None
    zone: str
    decimal: Mark | None
    read_day: ReadDay
    start: date | None = None
    quality: str = ""
    metric: str = ""

    @property
    def kind(self) -> ImportKind:
        """Kind of rows."""
        return self.file.source.kind

    @property
    def columns(self) -> Mapping[str, str]:
        """Field -> header."""
        return self.file.columns

    def lines(self) -> list[tuple[str, str]]:
        """Return what was recognised, for a table of two columns."""
        mapped = ", ".join(f"{name} = {header!r}" for name, header in self.columns.items())
        return [
            ("file", self.table.name),
            ("content", f"{self.kind} of {self.platform}"),
            ("account", self.account or f"column {self.columns['account_id']!r}"),
            *([("currency", self.currency or f"column {self.columns['currency']!r}")] if self.currency != "" else []),
            ("zone of the days", self.zone or "not stated"),
            ("decimal mark", {None: "no decimals", ",": "comma", ".": "point"}[self.decimal]),
            ("columns", mapped),
            *([("by their spelling", ", ".join(self.file.guessed))] if self.file.guessed else []),
            *([("quality", self.quality)] if self.quality else []),
        ]


def propose(table: ImportTable, kinds: Collection[ImportKind], options: ImportOptions) -> ImportProposal:
    """Return what is recognised in a file.

    Raises
    ------
    InputError
        Where something is undecidable; the message names the option that decides it.
    """
    file = recognise(table.name, table.columns, kinds, options.platform, _named(table, options))
    columns = file.columns
    _require_whole_units(table.name, columns.get("cost", ""))
    _refuse_first_user(table.name, columns)
    _refuse_ranges(table, columns)
    day = columns.get("day") or columns.get("range_start") or columns["nth_day"]
    _refuse_periods(table.name, day)
    read_day = day_reader(table.name, day, table.column(day), table.columns, options.date_format)
    return ImportProposal(
        table=table,
        file=file,
        platform=options.platform or file.source.platform,
        account=_account(table, columns, options),
        currency=_currency(table, columns, options),
        zone=_zone(table, options),
        decimal=options.decimal or decimal_mark(table.name, _cells(table, columns, _AMOUNTS), _counted(table, columns)),
        read_day=read_day,
        start=_start(table) if day == columns.get("nth_day") else None,
        quality="; ".join(line.strip("# ") for line in table.preamble if _QUALITY.search(line)),
        metric=options.metric or "",
    )


def _named(table: ImportTable, options: ImportOptions) -> dict[str, str]:
    """Return the columns that the user names; of a file of counts under one name, its only other column."""
    named = dict(options.columns)
    if options.metric and "count" not in named and len(table.columns) == 2:
        named["count"] = table.columns[1]
    return named


def _refuse_first_user(name: str, columns: Mapping[str, str]) -> None:
    if "first_user" in columns and not {"source", "source_medium", "channel"} & set(columns):
        raise InputError(
            f"{name} has {columns['first_user']!r}, which is the first visit that a person ever made",
            allowed="source and medium of the session",
            do="export the report with the session's source and medium; in BigQuery, session_traffic_source_last_click",
        )


def _refuse_ranges(table: ImportTable, columns: Mapping[str, str]) -> None:
    """Refuse rows of several days: their sum belongs to no day."""
    start, end = columns.get("range_start") or columns.get("day"), columns.get("range_end")
    if end is None or start is None or ("range_start" in columns and "day" in columns):
        return
    for first, last in zip(table.column(start), table.column(end), strict=True):
        if first not in {None, ""} and last not in {None, ""} and str(first).strip() != str(last).strip():
            raise range_refusal(table.name, f"{first} to {last}")


def _refuse_periods(name: str, header: str) -> None:
    if header.strip().casefold() in _PERIODS:
        raise range_refusal(name, f"column {header!r}")


def _cells(table: ImportTable, columns: Mapping[str, str], fields: Sequence[str]) -> list[object]:
    return [cell for name in fields if name in columns for cell in table.column(columns[name])]


def _counted(table: ImportTable, columns: Mapping[str, str]) -> list[object]:
    return _cells(table, columns, COUNTS)


def _account(table: ImportTable, columns: Mapping[str, str], options: ImportOptions) -> str | None:
    if options.account is not None:
        return options.account
    if "account_id" in columns:
        return None
    about = sorted(table.preamble, key=lambda line: _ABOUT_ACCOUNT.search(line) is None)
    for line in about:
        match = _ACCOUNT.search(line)
        if match is not None and (match[1] or match[2] or _ABOUT_ACCOUNT.search(line)):
            return match[0]
    raise UndecidedError(
        f"{table.name} does not say which account it is of",
        "account",
        "NAME, the id that the platform shows or any name that you use each time",
    )


def _require_whole_units(table: str, header: str) -> None:
    if is_scaled(header):
        raise InputError(
            f"column {header!r} of {table} is not in whole units of money, but in thousands, cents or the like",
            allowed="whole units, such as 12.50",
            do="divide or multiply the column, and name it without the scale, such as 'Cost'",
        )


def _currency(table: ImportTable, columns: Mapping[str, str], options: ImportOptions) -> str | None:
    if "cost" not in columns:
        return ""
    if options.currency is not None:
        if not is_currency(options.currency):
            raise InputError(
                f"--currency {options.currency}", allowed="a code of ISO 4217 such as EUR", do="correct it"
            )
        return options.currency
    header = columns["cost"]
    in_preamble = [
        line for line in table.preamble if re.search(r"currency|valuta|währung|devise|moneda|moeda", line, re.I)
    ]
    for headers, cells in (((header,), ()), ((), table.column(header)), (in_preamble, ())):
        codes = currencies_in(headers, cells)
        if len(codes) > 1:
            raise InputError(
                f"column {header!r} of {table.name} is in {' and '.join(codes)}",
                allowed="one currency in a column",
                do="export each account in its own currency",
            )
        if codes:
            return codes[0]
    if "currency" in columns:
        return None
    raise UndecidedError(f"{table.name} does not say in which currency {header!r} is", "currency", "EUR and the like")


def _zone(table: ImportTable, options: ImportOptions) -> str:
    if options.zone is not None:
        if options.zone not in available_timezones():
            raise InputError(f"--zone {options.zone}", allowed="an IANA name such as Europe/Rome", do="correct it")
        return options.zone
    for line in (*table.preamble, *table.columns):
        for match in _ZONE.finditer(line):
            if match[0] in available_timezones():
                return match[0]
    return ""


def _start(table: ImportTable) -> date:
    for line in table.preamble:
        match = _START.search(line)
        start = read_moment(match[1]) if match else None
        if isinstance(start, datetime):
            return start.date()
    raise InputError(
        f"{table.name} counts days and does not say from which one", do="export the report with the dimension Date"
    )
