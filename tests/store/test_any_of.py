"""`any_of` is Python's `in`, on both databases, and finds rows by an index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    delete,
    insert,
    select,
    update,
)

from store.any_of import any_of
from store.engine import open_engine
from tests.store.query_plan import plan_of

TABLES = MetaData()
NAMES = Table("names", TABLES, Column("number", Integer, primary_key=True), Column("name", Text, index=True))
CODES = Table("codes", TABLES, Column("crm", Text, primary_key=True), Column("code", Text, primary_key=True))
AWKWARD = (
    *("", " ", "null", "NULL", "true", "0", "1", "01", "1.0", "'", "''", '"', "\\", "\\\\", "{}", "{a,b}", "[]", "a,b"),
    *("%", "_", ":name", "%s", "%(x)s", "$1", "\n", "\t", "\x1f", "é", "e\u0301", "\u2028", "\U0001f600", "A", "a"),
)
"""Texts that mean something in SQL, in JSON, or in PostgreSQL's notation of arrays."""
_TEXTS = st.sampled_from(AWKWARD) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.fixture
def connection(new_url: str) -> Iterator[Connection]:
    """Connection to a database with tables of its own."""
    engine = open_engine(new_url)
    with engine.begin() as connection:
        TABLES.create_all(connection)
        yield connection
    engine.dispose()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stored=st.lists(st.none() | _TEXTS, max_size=30), texts=st.lists(_TEXTS, max_size=30))
def test_it_finds_what_in_finds(connection: Connection, stored: list[str | None], texts: list[str]) -> None:
    _store(connection, stored)
    assert _numbers(connection, texts) == [number for number, name in enumerate(stored) if name in texts]


def test_every_awkward_text_is_found_alone(connection: Connection) -> None:
    _store(connection, [*AWKWARD, None])
    for number, name in enumerate(AWKWARD):
        assert _numbers(connection, [name]) == [number]


def test_thousands_of_texts_are_one_parameter(connection: Connection) -> None:
    _store(connection, [f"name-{number}" for number in range(10_000)])
    assert _numbers(connection, [f"name-{number}" for number in range(5_000, 80_000)]) == list(range(5_000, 10_000))


def test_it_combines_with_other_conditions(connection: Connection) -> None:
    _store(connection, ["a", "b", "c", None])
    of_ab = any_of(NAMES.c.name, {"a": 1, "b": 2})
    first = select(NAMES.c.number).order_by(NAMES.c.number)
    assert connection.execute(first.where(~of_ab)).scalars().all() == [2]  # NULL is neither in nor not in
    assert connection.execute(first.where(of_ab | (NAMES.c.number == 3))).scalars().all() == [0, 1, 3]
    assert connection.execute(first.where(~and_(of_ab, NAMES.c.number > 0))).scalars().all() == [0, 2]
    assert connection.execute(update(NAMES).where(of_ab).values(name="c")).rowcount == 2
    assert connection.execute(delete(NAMES).where(any_of(NAMES.c.name, []))).rowcount == 0
    assert connection.execute(delete(NAMES).where(any_of(NAMES.c.name, ["c"]))).rowcount == 3


def test_rows_are_found_by_an_index(connection: Connection) -> None:
    _store(connection, [f"name-{number}" for number in range(10_000)])
    connection.execute(insert(CODES), [{"crm": "a", "code": str(number)} for number in range(10_000)])
    some = [str(number) for number in range(5)]
    by_name = select(NAMES.c.number).where(any_of(NAMES.c.name, some))
    by_code = select(CODES.c.code).where(CODES.c.crm == "a", any_of(CODES.c.code, some))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE names, codes")
        parts = "Index Cond: (name = ANY", "Index Cond: ((crm = 'a'::text) AND (code = ANY"
    else:
        parts = "INDEX ix_names_name (name=?)", "INDEX sqlite_autoindex_codes_1 (crm=? AND code=?)"
    for query, part in zip((by_name, by_code), parts, strict=True):
        assert part in plan_of(connection, lambda query=query: connection.execute(query))


def _store(connection: Connection, names: Sequence[str | None]) -> None:
    connection.execute(delete(NAMES))
    if names:
        connection.execute(insert(NAMES), [{"number": number, "name": name} for number, name in enumerate(names)])


def _numbers(connection: Connection, texts: Sequence[str]) -> Sequence[int]:
    query = select(NAMES.c.number).where(any_of(NAMES.c.name, texts)).order_by(NAMES.c.number)
    return connection.execute(query).scalars().all()
