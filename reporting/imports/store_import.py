"""Store imported rows: convert the money, set campaign key and channel, replace whole days of the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from leadworth.campaign_keys import account_number
from leadworth.channel_groups import channel_groups
from leadworth.errors import InputError
from reporting.facts.campaign_aliases import read_aliases
from reporting.facts.campaign_matching import CampaignMatcher
from reporting.facts.money_conversion import micros
from reporting.imports.import_rows import ImportBatch, ImportKind, MetricRow, QueryRow, SpendRow, TrafficRow
from reporting.imports.stored_rows import Stored, batch_total, stored_rows
from reporting.imports.stored_spend import removed_notices, require_one_account
from store import metric_days, query_days, spend_days, traffic_days
from store.campaign_matches import spend_campaigns
from store.data_imports import add_import, origins_of, repeat_import
from store.row_ids import new_row_id
from store.store_errors import store_errors

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from leadworth.settings import Settings
    from store.day_rows import ReplacedDays


@dataclass(frozen=True)
class ImportReceipt:
    """What an import did.

    Attributes
    ----------
    import_id
        Of `data_imports`; of the earlier import where nothing changed.
    rows_read, rows_set_aside, rows_stored
        Rows of the source; those that were set aside; rows of the store after rows of one key were added up.
    rows_deleted
        Rows of these days that the import replaced.
    total, source_total
        Sum of the stored rows, and the total that the source states.
    currency
        Of the totals; empty where they are no money, or of several currencies.
    unchanged
        Whether the store had the same rows before.
    notices
        Sentences for the user, such as that a currency has no rate.
    """

    kind: ImportKind
    import_id: str
    platform: str
    account_id: str
    first_day: date
    last_day: date
    rows_read: int
    rows_set_aside: int
    rows_stored: int
    rows_deleted: int
    total: Decimal
    source_total: Decimal | None
    currency: str
    unchanged: bool
    notices: tuple[str, ...] = ()


def store_import(
    engine: Engine, settings: Settings, batch: ImportBatch, *, now: datetime, replace_source: bool = False
) -> ImportReceipt:
    """Replace the days of a batch in the store, in one transaction.

    Parameters
    ----------
    engine
        Of the migrated store.
    settings
        Application settings: currency and rates.
    batch
        Rows of one account.
    now
        Time of the import, timezone-aware.
    replace_source
        Replace also days that a file wrote and an interface now delivers, or the other way round.

    Raises
    ------
    InputError
        Where rows are outside of the days of the batch or of another account, a campaign has two currencies on one
        day, or the stored days come from another source: only a person knows which is right. Or where the campaigns
        are stored for another account.
    StoreError
        Where the database does not answer.
    """
    batch = replace(batch, account_id=account_number(batch.account_id))
    _check(batch)
    import_id = new_row_id()
    total = batch_total(batch)
    record = _record(batch, import_id, total)
    aliases = read_aliases(settings)
    with store_errors(), engine.begin() as connection:
        matcher = CampaignMatcher(spend_campaigns(connection), aliases, channel_groups(settings))
        rows = stored_rows(batch, settings, import_id, matcher)
        earlier = _imports_of(connection, batch)
        if not replace_source:
            _check_source(batch, set(origins_of(connection, earlier).values()))
        notices = list(_notices(batch, rows, settings, now))
        if batch.kind == "spend":
            stored = spend_days.campaign_costs(connection, batch.platform, batch.first_day, batch.last_day)
            require_one_account(connection, batch, rows, stored, replace_source)
            notices += removed_notices(batch, rows, stored)
        replaced = _replace(connection, batch, rows)
        if replaced.unchanged:
            import_id = repeat_import(connection, record, now)
        else:
            add_import(connection, record, now)
    return ImportReceipt(
        kind=batch.kind,
        import_id=import_id,
        platform=batch.platform,
        account_id=batch.account_id,
        first_day=batch.first_day,
        last_day=batch.last_day,
        rows_read=batch.rows_read,
        rows_set_aside=batch.rows_set_aside,
        rows_stored=len(rows),
        rows_deleted=replaced.deleted,
        total=total,
        source_total=batch.source_total,
        currency=_currency(batch),
        unchanged=replaced.unchanged,
        notices=tuple(notices),
    )


def _check(batch: ImportBatch) -> None:
    """Check that the rows are of the account and the days of the batch, and of one currency."""
    for row in batch.rows:
        account = account_number(row.property_id if isinstance(row, TrafficRow) else row.account_id)
        platform = row.platform if isinstance(row, SpendRow) else batch.platform
        if (platform, account) != (batch.platform, batch.account_id):
            raise InputError(
                f"a row is of account {account!r} of {platform}, and the import of {batch.account_id!r} of "
                f"{batch.platform}",
                allowed="rows of one account",
                do="import one account after the other",
            )
        if not batch.first_day <= row.day <= batch.last_day:
            raise InputError(
                f"a row is of {row.day}, and the import of {batch.first_day} to {batch.last_day}",
                do="name all days in the import",
            )
    currencies = sorted({row.currency for row in batch.rows if isinstance(row, (SpendRow, QueryRow)) and row.currency})
    if len(currencies) > 1:
        raise InputError(
            f"the rows of account {batch.account_id!r} are in {' and '.join(currencies)}",
            allowed="one currency in an account",
            do="export each account in its own currency and import the files one by one",
        )


def _check_source(batch: ImportBatch, origins: set[str]) -> None:
    other = sorted(origin for origin in origins if origin.startswith("file ") != batch.origin.startswith("file "))
    if other:
        raise InputError(
            f"days from {batch.first_day} to {batch.last_day} of account {batch.account_id!r} of {batch.platform} "
            f"are stored from {other[0]!r}, and now come from {batch.origin!r}",
            allowed="one source for the days of an account",
            do="leave these days out, or import with --replace-source to take them from the new source",
        )


def _imports_of(connection: Connection, batch: ImportBatch) -> frozenset[str]:
    days = batch.first_day, batch.last_day
    if batch.kind == "spend":
        return spend_days.imports_of(connection, batch.platform, batch.account_id, *days)
    if batch.kind == "traffic":
        return traffic_days.imports_of(connection, batch.account_id, *days)
    if batch.kind == "metrics":
        return metric_days.imports_of(connection, batch.account_id, _metric_names(batch), *days)
    return query_days.imports_of(connection, batch.account_id, _query_kinds(batch), *days)


def _replace(connection: Connection, batch: ImportBatch, rows: list[Stored]) -> ReplacedDays:
    days = batch.first_day, batch.last_day
    if batch.kind == "spend":
        return spend_days.replace_days(connection, batch.platform, batch.account_id, *days, rows)
    if batch.kind == "traffic":
        return traffic_days.replace_days(connection, batch.account_id, *days, rows)
    if batch.kind == "metrics":
        return metric_days.replace_days(connection, batch.account_id, _metric_names(batch), *days, rows)
    return query_days.replace_days(connection, batch.account_id, _query_kinds(batch), *days, rows)


def _metric_names(batch: ImportBatch) -> set[str]:
    return {*batch.covers, *(row.name for row in batch.rows if isinstance(row, MetricRow))}


def _query_kinds(batch: ImportBatch) -> set[str]:
    return {*batch.covers, *(row.kind for row in batch.rows if isinstance(row, QueryRow))}


def _record(batch: ImportBatch, import_id: str, total: Decimal) -> dict[str, Any]:
    source_total = batch.source_total
    return {
        "import_id": import_id,
        "kind": batch.kind,
        "platform": batch.platform,
        "account_id": batch.account_id,
        "origin": batch.origin,
        "first_day": batch.first_day.isoformat(),
        "last_day": batch.last_day.isoformat(),
        "zone": batch.zone,
        "rows_read": batch.rows_read,
        "rows_set_aside": batch.rows_set_aside,
        "total_micros": micros(total),
        "source_total_micros": None if source_total is None else micros(source_total),
        "currency": _currency(batch) or None,
        "quality": batch.quality,
    }


def _currency(batch: ImportBatch) -> str:
    """Return the currency of the total of a batch; empty where it is no money."""
    return next((row.currency for row in batch.rows if isinstance(row, SpendRow)), "")


def _notices(batch: ImportBatch, rows: list[Stored], settings: Settings, now: datetime) -> Iterator[str]:
    newest = max((row.day for row in batch.rows), default=batch.first_day)
    if newest > now.date() + timedelta(days=1):
        yield f"the newest day, {newest}, is in the future: check the dates of the file"
    missing = Counter(
        (row["currency"], row["day"][:7])
        for row in rows
        if row.get("converted_micros", 0) is None and row.get("cost_micros") is not None
    )
    for currency in sorted({currency for currency, _ in missing}):
        months = sorted(month for code, month in missing if code == currency)
        yield (
            f"{currency} has no rate into {settings.currency} for {months[0]} to {months[-1]}: these rows are shown in "
            f"{currency} and not added up; set it in [report.rates] or [currencies] and import the file again"
        )
