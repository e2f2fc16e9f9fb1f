"""Checks of the doctor."""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from features.lookup_lists import LookupList
from leadworth.errors import BundleError
from leadworth.health_findings import Severity
from models.model_registry import ModelRegistry
from serving import doctor_checks
from serving.api_keys import create
from store.engine import open_store
from tests.make_bundle import make_bundle
from tests.make_registry import make_registry
from tests.serving.running import settings_in
from tests.serving.velocity.redis_server import URL


@pytest.mark.parametrize(("age", "level"), [(89, Severity.OK), (92, Severity.WARN)])
def test_old_lists_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int, level: Severity) -> None:
    day = datetime.now(UTC).date() - timedelta(days=age)
    monkeypatch.setattr("features.lookup_lists.lists", lambda: (LookupList("mail.toml", "1", day, "0" * 16, "MIT"),))
    (found,) = doctor_checks.lists(settings_in(tmp_path))
    assert found.level is level
    assert (f"mail.toml is of {day}" in found.what) == (level is Severity.WARN)


def test_keys_without_expiry_and_near_it_are_named(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, api_keys=True)
    now = datetime.now(UTC)
    with open_store(settings, migrate=True) as engine, engine.begin() as connection:
        for name, days in (("shop", None), ("crm", 3), ("web", 60), ("old", -1)):
            create(connection, name, ["score"], None if days is None else now + timedelta(days=days))
    found = {(finding.level, finding.what) for finding in doctor_checks.store(settings) if finding.name == "keys"}
    warned = [what for level, what in found if level is Severity.WARN]
    assert {what for level, what in found if level is Severity.OK} == {"3 may score; without expiry: shop"}
    assert len(warned) == 1
    assert warned[0].startswith("crm (")


def test_only_a_spool_with_rows_waits(tmp_path: Path) -> None:
    spool = tmp_path / ".leadworth" / "spool"
    spool.mkdir(parents=True)
    (spool / "1-a.jsonl").touch()  # of a process that ended when the disk was full
    settings = settings_in(tmp_path)
    assert [finding.what for finding in doctor_checks.disk(settings) if finding.name == "spool"] == []
    (spool / "2-b.jsonl").write_text("{}", encoding="utf-8")
    assert [finding.what for finding in doctor_checks.disk(settings) if finding.name == "spool"] == [
        "2 bytes wait for the store"
    ]


@pytest.mark.usefixtures("redis_prefix")
def test_redis_is_checked_where_it_is_set(tmp_path: Path) -> None:
    def found(redis: str | None) -> list[tuple[Severity, str]]:
        settings = settings_in(tmp_path, redis=redis)
        return [(finding.level, finding.what) for finding in doctor_checks.history(settings)]

    assert found(None) == []
    assert found(URL) == [(Severity.OK, "Redis answers")]
    [(level, what)] = found("redis://127.0.0.1:9/0")
    assert level is Severity.WARN
    assert what.startswith("Redis does not answer: ConnectionError; velocity counts come from the store")


@pytest.mark.parametrize(
    ("error", "what", "do"),
    [
        (
            OSError(errno.EROFS, "Read-only file system", "/srv/bundles"),
            "/srv/bundles: Read-only file system",
            "permis",
        ),
        (BundleError("win.txt was changed"), "win.txt was changed", "train again"),
        (ValueError("ada@example.org"), "ValueError", "train again"),
    ],
)
def test_a_champion_that_cannot_be_loaded_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, what: str, do: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    made = make_registry(tmp_path)
    made.set_alias("champion", made.register(make_bundle().save(tmp_path / "bundle")))
    monkeypatch.setattr(ModelRegistry, "fetch", fail)
    finding = list(doctor_checks.registry(settings_in(tmp_path)))[-1]
    assert (finding.level, finding.what) == (Severity.FAIL, f"version 1 cannot be loaded: {what}")
    assert do in finding.do
