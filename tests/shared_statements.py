"""Compiled statements that all engines share: each test opens engines of its own, which would compile them again."""

from __future__ import annotations

from typing import Any

MOST = 5_000


class SharedStatements(dict[Any, Any]):
    """Value of SQLAlchemy's option `compiled_cache`, whose keys begin with the dialect object of an engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the statement that any engine of the same kind of database has compiled."""
        return super().get(_of_kind(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self) >= MOST:
            self.clear()
        super().__setitem__(_of_kind(key), compiled)


def _of_kind(key: Any) -> Any:
    dialect, *others = key
    return (dialect.name, *others)
