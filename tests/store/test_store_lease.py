"""A lease is held once, and is free again after its block."""

from __future__ import annotations

import threading

from sqlalchemy import Engine

from store.engine import open_engine
from store.store_lease import awaited_lease, store_lease


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


def test_a_lease_is_awaited_until_the_other_process_is_done(engine: Engine, store_url: str) -> None:
    other = open_engine(store_url)
    waiting, order = threading.Event(), []

    def second() -> None:
        with awaited_lease(other, "report", waiting.set):
            order.append("second")

    with awaited_lease(engine, "report"):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    other.dispose()
