"""Audit entries that wait on the disk while the store is away."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from leadworth.errors import StoreError
from leadworth.settings import Settings
from store import decision_log
from store.audit_log import AuditEntry, AuditLog, entries
from store.audit_spool import FILE, record_action, record_waiting
from store.engine import open_store
from tests.store.rows import decision_row

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


def test_an_entry_waits_where_the_secret_is_another_one(tmp_path: Path, store_url: str) -> None:
    right = settings_of(tmp_path, store_url).model_copy(update={"secret": SecretStr("a" * 32)})
    with open_store(right, migrate=True) as engine, engine.begin() as connection:
        decision_log.insert(connection, [decision_row()])
    assert not record_action(right.model_copy(update={"secret": SecretStr("b" * 32)}), promoted("2"))
    assert record_action(right, promoted("3"))
    with open_store(right) as engine, engine.connect() as connection:
        assert [row["object_id"] for row in entries(connection)] == ["2", "3"]


def test_entries_stay_where_the_store_refuses_them(tmp_path: Path) -> None:
    assert not record_action(settings_of(tmp_path, AWAY), promoted("2"))
    settings = settings_of(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(StoreError, match="did not answer"), open_store(settings) as engine:
        record_waiting(engine, settings)
    assert (tmp_path / FILE).read_text().count("\n") == 1
