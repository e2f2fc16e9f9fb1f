"""Worker threads."""

from __future__ import annotations

import threading
from collections import Counter

from sqlalchemy import text

from conversions import worker_threads
from tests.conversions.export_setup import ExportSetup, lead


def test_workers_send_until_stopped_and_survive_a_store_that_fails(export: ExportSetup) -> None:
    export.add(*map(lead, range(5)), to=("google", "meta"))
    with export.engine.begin() as connection:
        connection.execute(text("ALTER TABLE export_events RENAME TO hidden"))
    stopping = threading.Event()
    total = Counter[str]()
    done = threading.Event()

    def on_batch(name: str, states: Counter[str]) -> None:
        total.update({f"{name} {state}": count for state, count in states.items()})
        if total.total() == 10:
            done.set()

    workers = [export.worker(name) for name in ("google", "meta")]
    thread = threading.Thread(target=worker_threads.run, args=(workers, stopping, on_batch))
    thread.start()
    with export.engine.begin() as connection:
        connection.execute(text("ALTER TABLE hidden RENAME TO export_events"))
    assert done.wait(20)
    stopping.set()
    thread.join(10)
    assert not thread.is_alive()
    assert total == {"google accepted": 5, "meta accepted": 5}
