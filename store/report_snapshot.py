"""Queries of one report see one state of the database; id and age of the data that they see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select, union_all

from store.report_schema import data_imports, outcome_days, report_refreshes
from store.timestamps import moment, stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

NO_REFRESH = "none"


@dataclass(frozen=True)
class DataSnapshot:
    """State of the data.

    Attributes
    ----------
    snapshot_id
        Id of the newest refresh of the facts, and the number of imports since: a new one after each change.
    data_at
        When the facts were made; None before the first refresh.
    files_at
        When the oldest of the files of leads and outcomes was written that they were made of; None without files.
    """

    snapshot_id: str
    data_at: datetime | None
    files_at: datetime | None = None


@contextmanager
def one_state(connection: Connection) -> Iterator[Connection]:
    """Let all queries of the block see the same state of the database; nothing is written in it."""
    if connection.dialect.name == "sqlite":
        if not connection.get_transaction():
            connection.begin()
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN")
        yield connection
        return
    if connection.get_transaction() is None:
        connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection
        connection.commit()  # the driver forgets its prepared statements after a rollback
        return
    yield connection


def current_snapshot(connection: Connection, until: datetime | None = None) -> DataSnapshot:
    """Return id and age of the data.

    Parameters
    ----------
    connection
        Connection to the store.
    until
        Refreshes that began later are left out, where the page is of an earlier day; None: the newest one counts.
    """
    newest = select(report_refreshes.c.refresh_id, report_refreshes.c.ended_at, report_refreshes.c.files_at)
    if until is not None:
        newest = newest.where(report_refreshes.c.started_at <= stamp(until))
    row = connection.execute(newest.order_by(report_refreshes.c.ended_at.desc()).limit(1)).one_or_none()
    imported, count = connection.execute(select(func.max(data_imports.c.imported_at), func.count(1))).one()
    if row is None:
        return DataSnapshot(NO_REFRESH if imported is None else f"{NO_REFRESH}.{count}", moment(imported))
    return DataSnapshot(f"{row.refresh_id}.{count}", moment(row.ended_at), moment(row.files_at))


def newest_imports(connection: Connection) -> list[dict[str, Any]]:
    """Return the newest import of each kind, platform and account."""
    table = data_imports.c
    keys = [table.kind, table.platform, table.account_id]
    newest = select(*keys, func.max(table.imported_at).label("imported_at")).group_by(*keys).subquery()
    same = [newest.c[column.name] == column for column in keys]
    query = select(data_imports).join(newest, (newest.c.imported_at == table.imported_at) & same[0] & same[1] & same[2])
    return [dict(row) for row in connection.execute(query.order_by(*keys)).mappings()]


def has_outcomes(connection: Connection) -> bool:
    """Return whether any lead was ever won or lost."""
    won = select(literal(1)).where(outcome_days.c.won > 0).limit(1).subquery()
    lost = select(literal(1)).where(outcome_days.c.lost > 0).limit(1).subquery()
    return connection.execute(union_all(select(won), select(lost)).limit(1)).first() is not None
