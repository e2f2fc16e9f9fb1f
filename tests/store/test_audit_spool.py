"""Audit entries that wait on the disk while the store is away."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from leadworth.errors import StoreError
from leadworth.settings import Settings
from store.audit_log import AuditEntry, AuditLog, entries
from store.audit_spool import FILE, record_action, record_waiting
from store.engine import open_store

AWAY = "postgresql://nobody@127.0.0.1:9/none"


def settings_of(folder: Path, store: str) -> Settings:
    return Settings(currency="EUR", leads={}, folder=folder, serving={"store": store})


def promoted(version: str) -> AuditEntry:
    return AuditEntry("model.promote", "model", version, details={"before": "1"})


def test_entries_wait_and_are_written_with_their_time(tmp_path: Path, store_url: str) -> None:
    away = settings_of(tmp_path, AWAY)
    assert not record_action(away, promoted("2"))
    assert not record_action(away, promoted("3"))
    file = tmp_path / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    settings = settings_of(tmp_path, store_url)
    assert record_action(settings, promoted("4"))
    assert file.read_text() == ""
    with open_store(settings) as engine:
        assert record_waiting(engine, settings) == 0
        with engine.connect() as connection:
            rows = list(entries(connection))
            assert AuditLog.of(settings).verify(connection).faults == []
    assert [row["object_id"] for row in rows] == ["2", "3", "4"]
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert {row["details"] for row in rows} == {'{"before":"1"}'}


def test_entries_stay_where_the_store_refuses_them(tmp_path: Path) -> None:
    assert not record_action(settings_of(tmp_path, AWAY), promoted("2"))
    settings = settings_of(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(StoreError, match="did not answer"), open_store(settings) as engine:
        record_waiting(engine, settings)
    assert (tmp_path / FILE).read_text().count("\n") == 1
