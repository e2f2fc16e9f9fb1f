"""How a database finds the rows of a query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event


def plan_of(connection: Connection, run: Callable[[], object]) -> str:
    """Return the plans of the statements that a function executes."""
    executed: list[tuple[str, Any]] = []

    def keep(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        executed.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", keep)
    run()
    event.remove(connection, "before_cursor_execute", keep)
    explain = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    return str([connection.exec_driver_sql(f"{explain} {part}", values).all() for part, values in executed])
