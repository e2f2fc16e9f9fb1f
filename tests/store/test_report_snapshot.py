"""Id and age of the data, newest imports, and one state of the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, func, insert, select

from store.engine import open_engine
from store.report_schema import data_imports, outcome_days, report_refreshes
from store.report_snapshot import DataSnapshot, current_snapshot, has_outcomes, newest_imports, one_state
from store.timestamps import stamp
from tests.store.report_rows import record

NOW = datetime(2026, 11, 28, 9, 40, tzinfo=UTC)
HOUR = timedelta(hours=1)


def import_at(connection: Connection, number: int, at: datetime, **changes: str) -> None:
    row = record(import_id=f"i{number}", **changes)
    connection.execute(insert(data_imports).values(**row, imported_at=stamp(at)))


def refresh_at(connection: Connection, refresh_id: str, at: datetime, **changes: str) -> None:
    row = {"refresh_id": refresh_id, "first_day": "2026-01-01", "facts": 1, "rows_written": 1, **changes}
    connection.execute(insert(report_refreshes).values(**row, started_at=stamp(at - HOUR), ended_at=stamp(at)))


def test_the_id_changes_with_each_import_and_refresh(connection: Connection) -> None:
    assert current_snapshot(connection) == DataSnapshot("none", None)
    import_at(connection, 1, NOW)
    assert current_snapshot(connection) == DataSnapshot("none.1", NOW)
    refresh_at(connection, "r1", NOW + HOUR)
    assert current_snapshot(connection) == DataSnapshot("r1.1", NOW + HOUR)
    import_at(connection, 2, NOW + 2 * HOUR)
    assert current_snapshot(connection) == DataSnapshot("r1.2", NOW + HOUR)
    refresh_at(connection, "r2", NOW + 5 * HOUR, files_at=stamp(NOW))
    assert current_snapshot(connection) == DataSnapshot("r2.2", NOW + 5 * HOUR, NOW)
    assert current_snapshot(connection, NOW + 4 * HOUR).snapshot_id == "r2.2"  # it began at this moment
    assert current_snapshot(connection, NOW + 3 * HOUR).snapshot_id == "r1.2"


def test_the_newest_import_of_each_account(connection: Connection) -> None:
    import_at(connection, 1, NOW)
    import_at(connection, 2, NOW + HOUR)
    import_at(connection, 3, NOW, account_id="2")
    import_at(connection, 4, NOW, kind="traffic")
    found = [(row["kind"], row["account_id"], row["import_id"]) for row in newest_imports(connection)]
    assert found == [("spend", "1", "i2"), ("spend", "2", "i3"), ("traffic", "1", "i4")]


@pytest.mark.parametrize(("counts", "expected"), [({"mql": 3}, False), ({"won": 1}, True), ({"lost": 1}, True)])
def test_outcomes(connection: Connection, counts: dict[str, int], expected: bool) -> None:
    assert not has_outcomes(connection)
    keys = {"day": "2026-10-01", "channel": "Email", "campaign_key": "", "country": ""}
    connection.execute(insert(outcome_days).values(**keys, **counts))
    assert has_outcomes(connection) is expected


def test_a_block_sees_one_state(engine: Engine) -> None:
    count = select(func.count()).select_from(data_imports)
    with engine.connect() as reading, one_state(reading) as state:
        assert state.execute(count).scalar_one() == 0
        with engine.begin() as writing:
            import_at(writing, 1, NOW)
        assert state.execute(count).scalar_one() == 0
    with engine.connect() as connection:
        assert connection.execute(count).scalar_one() == 1


def test_postgresql_keeps_its_prepared_statements_from_one_state_to_the_next(postgres: str) -> None:
    engine = open_engine(postgres)
    for _ in range(8):
        with engine.connect() as connection, one_state(connection) as same:
            same.execute(select(func.length("a"))).one()
            prepared = same.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one()
    assert prepared
    engine.dispose()
