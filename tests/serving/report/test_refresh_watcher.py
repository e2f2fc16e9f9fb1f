"""The page fills while the service runs: decisions become facts, and one process at a time does it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from serving.report.refresh_watcher import JOB, RefreshWatcher
from store import decision_log, lead_facts
from store.store_lease import store_lease
from store.timestamps import stamp
from tests.serving.running import FolderRegistry, client_of, settings_in
from tests.store.rows import decision_row

MINUTES = 15.0


def test_decisions_become_facts_once(tmp_path: Path, registry: FolderRegistry) -> None:
    settings = settings_in(tmp_path)
    now = datetime.now(UTC)
    with client_of(settings, registry) as client:
        store = client.app.state.store
        watcher = RefreshWatcher(settings, store)
        with store.engine.begin() as connection:
            decision_log.insert(connection, [decision_row("A", scored_at=stamp(now), submitted_at=stamp(now))])
        assert not watcher.prepare(now)
        with store_lease(store.engine, JOB):
            assert not watcher.look(now)
        assert watcher.look(now)
        assert watcher.prepare(now)
        with store.engine.connect() as connection:
            assert set(lead_facts.of_leads(connection, ["A"])) == {"A"}
        assert not watcher.look(now + timedelta(minutes=1))
        assert watcher.look(now + timedelta(minutes=MINUTES))


def test_the_thread_goes_on_after_a_fault(
    tmp_path: Path, registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_in(tmp_path)
    quick = settings.model_copy(update={"report": settings.report.model_copy(update={"refresh_minutes": 0.0005})})
    looks: list[datetime] = []

    def fail(now: datetime) -> bool:
        looks.append(now)
        raise LookupError("no table")

    with client_of(settings, registry) as client, capture_logs() as logs:
        watcher = RefreshWatcher(quick, client.app.state.store)
        monkeypatch.setattr(watcher, "look", fail)
        watcher.start()
        deadline = time.monotonic() + 10.0
        while len(looks) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        watcher.stop()
    assert len(looks) >= 2
    assert [entry for entry in logs if entry.get("reason") == "no table"]


def test_an_interval_of_0_starts_no_thread(tmp_path: Path, registry: FolderRegistry) -> None:
    settings = settings_in(tmp_path)
    never = settings.model_copy(update={"report": settings.report.model_copy(update={"refresh_minutes": 0.0})})
    with client_of(never, registry) as client:
        watcher = RefreshWatcher(never, client.app.state.store)
        watcher.start()
        watcher.stop()
        assert "report" not in {thread.name for thread in threading.enumerate()}
