"""Worker threads."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from conversions import worker_threads
from leadworth.errors import ConfigurationError
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


def test_a_store_that_does_not_answer_does_not_end_following(monkeypatch: pytest.MonkeyPatch) -> None:
    minutes: list[int] = []
    ended: list[bool] = []

    def each_minute(minute: int) -> None:
        minutes.append(minute)
        if len(minutes) == 1:
            raise OperationalError("select", {}, Exception("restarting"))
        if len(minutes) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(worker_threads, "run", lambda _, stopping, __: ended.append(stopping.wait(10.0)))
    monkeypatch.setattr("time.sleep", lambda _: None)
    worker_threads.follow([], each_minute, lambda *_: None)
    assert (minutes, ended) == ([0, 0, 1, 2], [True])


def test_workers_end_before_an_error_leaves_following(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[bool] = []

    def each_minute(_: int) -> None:
        raise ConfigurationError("the key file is gone")

    monkeypatch.setattr(worker_threads, "run", lambda _, stopping, __: ended.append(stopping.wait(10.0)))
    with pytest.raises(ConfigurationError):
        worker_threads.follow([], each_minute, lambda *_: None)
    assert ended == [True]
