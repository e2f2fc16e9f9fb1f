"""How a database finds the rows of a query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event


def plan_of(connection: Connection, run: Callable[[], object]) -> str:
    """Return the plan of the first statement that a function executes."""
    executed: list[tuple[str, Any]] = []

    @event.listens_for(connection, "before_cursor_execute", once=True)
    def keep(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        executed.append((statement, parameters))

    run()
    [(statement, parameters)] = executed
    explain = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    return str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())
