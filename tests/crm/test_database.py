"""Tables and queries of SQLite and of a real PostgreSQL."""

from __future__ import annotations

import gc
import sqlite3
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, create_engine, text

from crm.database import open_database
from crm.lead_history import read_history
from crm.table_sources import gather
from leadworth.errors import ConfigurationError, InputError
from leadworth.settings import Settings

POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/test"
ROWS = [
    ("1", "2026-01-05 10:00:00+01:00", "ada@acme.it", 50, 1_234.5, True),
    ("2", "2026-01-06 10:00:00+01:00", None, None, None, False),
    ("2", "2026-01-05 11:00:00+01:00", "twin@acme.it", 1, None, False),
]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Engine]:
    engine = create_engine(POSTGRES, connect_args={"connect_timeout": 3})
    try:
        engine.connect().close()
    except Exception as error:
        pytest.skip(f"no PostgreSQL at 127.0.0.1:5432: {type(error).__name__}")
    yield engine
    engine.dispose()


@pytest.fixture
def crm(postgres: Engine) -> Iterator[str]:
    schema = f"crm_{uuid.uuid4().hex[:12]}"
    with postgres.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        connection.execute(
            text(
                f'CREATE TABLE {schema}."Leads" (lead_id text, created timestamptz, "Email" text, staff integer,'
                " amount numeric(12, 2), won boolean)"
            )
        )
        for row in ROWS:
            connection.exec_driver_sql(f'INSERT INTO {schema}."Leads" VALUES (%s, %s, %s, %s, %s, %s)', row)
    yield schema
    with postgres.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))


def settings_of(folder: Path, **source: str) -> Settings:
    return Settings(
        currency="EUR",
        folder=folder,
        leads={
            "submitted_at": "created",
            "columns": {"email": "Email", "employees": "staff"},
            **source,
        },
        outcomes={"won": "won", "revenue": "amount"},
    )


def check(settings: Settings, rejected: Path) -> None:
    history = read_history(settings)

    assert history.leads["lead_id"].tolist() == ["1", "2"]
    assert history.leads["submitted_at"][0] == pd.Timestamp("2026-01-05 09:00", tz="UTC")
    assert history.leads["employees"][0] == 50.0
    assert history.leads["email"].isna().tolist() == [False, True]
    assert history.outcomes["won"].tolist() == [True, False]
    assert history.outcomes["revenue"][0] == 1_234.5
    assert history.counts.leads.rows_rejected == 1
    assert rejected.is_file()


def test_postgres_table(tmp_path: Path, crm: str) -> None:
    check(settings_of(tmp_path, path=POSTGRES, table=f"{crm}.Leads"), tmp_path / f"{crm}.Leads.rejected.csv")


def test_postgres_query(tmp_path: Path, crm: str) -> None:
    query = f"SELECT * FROM {crm}.\"Leads\" WHERE lead_id LIKE '%' ORDER BY created"
    check(settings_of(tmp_path, path=POSTGRES, query=query), tmp_path / "query.rejected.csv")


@pytest.mark.parametrize("batches", [0, 1])
def test_a_table_that_is_not_read_to_its_end_leaves_no_connection(
    crm: str, batches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.database._BATCH_ROWS", 1)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        table = open_database(POSTGRES, f"{crm}.Leads", None)
        for _ in range(batches):
            assert len(next(table.batches).lines) == 1
        del table
        gc.collect()
    assert [str(warning.message) for warning in seen if warning.category is ResourceWarning] == []


def test_sqlite_table_with_a_path_relative_to_the_settings(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute('CREATE TABLE leads (lead_id, created, "Email", staff, amount, won)')
        connection.executemany("INSERT INTO leads VALUES (?, ?, ?, ?, ?, ?)", ROWS)
    connection.close()

    check(settings_of(tmp_path, path="sqlite:///crm.db", table="leads"), tmp_path / "leads.rejected.csv")


def test_columns_of_mixed_types_become_text(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute("CREATE TABLE leads (lead_id, staff)")
        connection.executemany("INSERT INTO leads VALUES (?, ?)", [(1, "many"), (2, 7), (3, 1.5)])
    connection.close()

    rows = gather(open_database(f"sqlite:///{tmp_path / 'crm.db'}", "leads", None)).rows
    assert rows.column("staff").to_pylist() == ["many", "7", "1.5"]


@pytest.mark.parametrize(("table", "query"), [(None, None), ("leads", "SELECT 1")])
def test_table_and_query_exclude_each_other(table: str | None, query: str | None) -> None:
    with pytest.raises(ConfigurationError, match="either `table` or `query`"):
        open_database("sqlite://", table, query)


@pytest.mark.parametrize("url", ["nosuchdb://x/y", "postgresql+nosuch://x", "://"])
def test_urls_that_cannot_be_used(url: str) -> None:
    with pytest.raises(ConfigurationError, match="URL cannot be used"):
        open_database(url, "leads", None)


def test_an_unavailable_database_is_reported_without_its_password() -> None:
    with pytest.raises(InputError, match="cannot be read") as caught:
        open_database("postgresql+psycopg://me:s3cret@127.0.0.1:1/crm?connect_timeout=2", "leads", None)
    assert "s3cret" not in str(caught.value)


def test_an_absent_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such table"):
        open_database(f"sqlite:///{tmp_path / 'crm.db'}", 'no"table', None)
