"""A lease is held once, and is free again after its block."""

from __future__ import annotations

from sqlalchemy import Engine

from store.engine import open_engine
from store.store_lease import store_lease


def test_one_at_a_time_and_free_afterwards(engine: Engine, store_url: str) -> None:
    other = open_engine(store_url)
    with store_lease(engine, "report") as held:
        assert held
        with store_lease(other, "report") as again, store_lease(other, "else") as of_another_job:
            assert (again, of_another_job) == (False, True)
    with store_lease(other, "report") as free:
        assert free
    other.dispose()


def test_a_fault_ends_the_lease(engine: Engine) -> None:
    try:
        with store_lease(engine, "report"):
            raise LookupError
    except LookupError:
        pass
    with store_lease(engine, "report") as free:
        assert free
