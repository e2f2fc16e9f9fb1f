"""Store imported rows: convert the money, set campaign key and channel, replace whole days of the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from reporting.imports.import_rows import ImportBatch, ImportKind

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leadworth.settings import Settings


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


def store_import(engine: Engine, settings: Settings, batch: ImportBatch, *, now: datetime) -> ImportReceipt:
    """Replace the days of a batch in the store, in one transaction.

    Parameters
    ----------
    engine
        Of the migrated store.
    settings
        Application settings: currency, rates, channels.
    batch
        Rows of one account.
    now
        Time of the import, timezone-aware.

    Raises
    ------
    InputError
        Where rows are outside of the days of the batch or of another account, or where the account has another
        source: the same days by file and by interface would be doubt about which are right.
    StoreError
        Where the database does not answer.
    """
    raise NotImplementedError
