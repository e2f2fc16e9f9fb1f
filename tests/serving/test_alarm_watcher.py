"""Alarm watcher: alarms and junk shares among the metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leadworth.export_settings import ExportSettings
from leadworth.settings import Settings
from serving.alarm_watcher import AlarmWatcher
from store import outbox
from store.timestamps import stamp
from tests.make_bundle import NOW as MADE_AT
from tests.monitoring.test_watch_command import filled
from tests.serving.running import FolderRegistry, client_of, settings_in
from tests.store.rows import event


@pytest.fixture
def flooded(store_url: str, tmp_path: Path) -> Settings:
    """Settings of a service whose store has a flood of bots."""
    filled(store_url)
    return settings_in(tmp_path, store=store_url)


@pytest.mark.parametrize("has_champion", [True, False])
def test_alarms_are_metrics(flooded: Settings, registry: FolderRegistry, has_champion: bool) -> None:
    registry.away = not has_champion
    with client_of(flooded, registry) as client:
        state = client.app.state
        assert (state.scoring.champion.current is not None) is has_champion
        AlarmWatcher(flooded, state.store, state.scoring.champion).look()
        metrics = client.get("/metrics").text
    assert 'leadworth_junk_alarm{channel="display"} 1.0' in metrics
    assert 'leadworth_junk_alarm{channel="search"} 0.0' in metrics
    assert 'leadworth_money_at_risk{channel="display"}' in metrics
    [share] = [line for line in metrics.splitlines() if line.startswith('leadworth_junk_share{channel="display"}')]
    assert 0.4 < float(share.split()[-1]) < 0.8  # of the last 30 days


def test_an_overdue_export_is_a_metric(tmp_path: Path, registry: FolderRegistry) -> None:
    settings = settings_in(tmp_path)
    export = ExportSettings(meta={"dataset": "1", "actions": {"lead": "Lead"}, "token": "t"})
    settings = settings.model_copy(update={"export": export})
    with client_of(settings, registry) as client:
        state = client.app.state
        watcher = AlarmWatcher(settings, state.store, state.scoring.champion)
        watcher.look()
        assert 'leadworth_export_oldest_due_seconds{platform="meta"} 0.0' in client.get("/metrics").text
        due = stamp(datetime.now(UTC) - timedelta(hours=2))
        with state.store.engine.begin() as connection:
            outbox.add(connection, {"export_events": [event("A", not_before=due), event("B", state="accepted")]})
        watcher.look()
        metrics = client.get("/metrics").text
    assert 'leadworth_export_oldest_due_seconds{platform="ga4"}' not in metrics
    [age] = [line for line in metrics.splitlines() if line.startswith("leadworth_export_oldest_due_seconds{")]
    assert 7_200 <= float(age.split()[-1]) < 7_300
    [as_of] = [line for line in metrics.splitlines() if line.startswith("leadworth_champion_as_of_timestamp_seconds{")]
    assert float(as_of.split()[-1]) == MADE_AT.timestamp()


def test_the_service_looks_at_intervals(flooded: Settings, registry: FolderRegistry) -> None:
    often = flooded.model_copy(update={"serving": flooded.serving.model_copy(update={"watch_seconds": 0.05})})
    with client_of(often, registry) as client:
        metrics = ""
        end = datetime.now(UTC) + timedelta(seconds=10)
        while 'leadworth_junk_alarm{channel="display"} 1.0' not in metrics:
            assert datetime.now(UTC) < end
            metrics = client.get("/metrics").text
