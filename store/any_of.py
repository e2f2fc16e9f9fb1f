"""Condition that a column has one of many texts: one statement with one parameter, whatever their number."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import ARRAY, Boolean, ColumnElement, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.sql.operators import OperatorType
    from sqlalchemy.types import TypeEngine


def any_of(column: ColumnElement[Any], texts: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a text column has one of some texts.

    Unlike `IN` with a parameter for each text it has no limit on their number, and databases and drivers parse it once.

    Examples
    --------
    >>> from sqlalchemy import create_engine, literal, select
    >>> with create_engine("sqlite://").connect() as connection:
    ...     connection.execute(select(any_of(literal("b"), ["a", "b"]), any_of(literal("c"), []))).one()
    (True, False)
    """
    return _AnyOf(column, bindparam(None, list(texts), _Texts(), unique=True))


class _Texts(TypeDecorator[Collection[str]]):
    """Texts as one parameter: an array for PostgreSQL, JSON for SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the database."""
        return dialect.type_descriptor(ARRAY(Text()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        """Return the texts as the database takes them."""
        return value if dialect.name == "postgresql" else json.dumps(value)


class _AnyOf(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Self:
        """Return the condition as it is: for SQLite `= 1` would be added to a function, and no index be used."""
        del against
        return self


@compiles(_AnyOf)
def _json_list(element: _AnyOf, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"


@compiles(_AnyOf, "postgresql")
def _array(element: _AnyOf, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY ({texts})"
