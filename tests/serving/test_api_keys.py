"""API keys: made, listed, revoked; the store holds no secret."""

from __future__ import annotations

import asyncio
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from leadworth.errors import InputError
from serving import api_keys
from serving.key_usage import KeyUsage
from serving.problems import Problem
from store.decision_store import DecisionStore
from store.engine import open_engine
from store.migrate import upgrade
from tests.serving.running import key_of


@pytest.fixture
def engine(store_url: str) -> sa.Engine:
    engine = open_engine(store_url)
    upgrade(engine)
    yield engine
    engine.dispose()


def test_the_store_holds_no_secret(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        key, secret = api_keys.create(connection, "shop", ["score", "read"])
        [kept] = api_keys.every(connection)
        assert kept == key
        assert secret not in str(connection.exec_driver_sql("SELECT * FROM api_keys").all())
    assert len(secret.split("_", 2)[2]) == 43
    assert key.allows("read")
    assert not key.allows("admin")


def test_revoking(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        key, _ = api_keys.create(connection, "shop", ["score"])
        api_keys.revoke(connection, key.key_id)
        assert api_keys.every(connection)[0].revoked_at is not None
        with pytest.raises(InputError, match="no key"):
            api_keys.revoke(connection, key.key_id)


def test_a_scope_that_does_not_exist(engine: sa.Engine) -> None:
    with (
        engine.begin() as connection,
        pytest.raises(InputError, match="score, read, feedback, export, report, money, admin"),
    ):
        api_keys.create(connection, "shop", ["write"])


def test_a_revoked_key_stops_working(locked: TestClient) -> None:
    secret = key_of(locked, "score")
    assert locked.post("/v1/scores", json={}, headers={"x-api-key": secret}).status_code == 200
    with locked.app.state.store.engine.begin() as connection:
        api_keys.revoke(connection, secret.split("_")[1])
    end = time.monotonic() + 5
    while locked.post("/v1/scores", json={}, headers={"x-api-key": secret}).status_code != 401:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_rotating(engine: sa.Engine) -> None:
    now = datetime.now(UTC)
    with engine.begin() as connection:
        first, _ = api_keys.create(connection, "shop", ["score", "read"], now + timedelta(days=30))
        old, new, secret = api_keys.rotate(connection, "shop", timedelta(days=7))
        assert (old, new.scopes, new.name) == (first, first.scopes, "shop")
        assert api_keys.digest(secret) == new.hash
        assert new.expires_at is not None
        assert abs(datetime.fromisoformat(new.expires_at) - now - timedelta(days=30)) < timedelta(minutes=1)
        replaced = api_keys.every(connection)[0]
        assert replaced.replaced_by == new.key_id
        assert replaced.in_use(now)
        assert not replaced.in_use(now + timedelta(days=8))
        api_keys.rotate(connection, new.key_id, timedelta(days=60))
        assert api_keys.every(connection)[1].expires_at == new.expires_at  # earlier than the end of the grace period
        api_keys.create(connection, "shop", ["score"])
        with pytest.raises(InputError, match="2 keys are named"):
            api_keys.rotate(connection, "shop", timedelta(0))
        with pytest.raises(InputError, match="no key 'crm'"):
            api_keys.rotate(connection, "crm", timedelta(0))


def test_an_expired_key_is_refused(locked: TestClient) -> None:
    with locked.app.state.store.engine.begin() as connection:
        end = datetime.now(UTC) - timedelta(seconds=1)
        _, secret = api_keys.create(connection, "shop", ["score"], end)
    refused = locked.post("/v1/scores", json={}, headers={"x-api-key": secret})
    assert refused.status_code == 401
    assert "has expired" in refused.json()["detail"]


def test_the_last_use_is_written_once_an_hour(locked: TestClient) -> None:
    secret = key_of(locked, "score")
    store = locked.app.state.store

    def last_used() -> str | None:
        with store.engine.connect() as connection:
            return api_keys.every(connection)[0].last_used_at

    assert last_used() is None
    locked.post("/v1/scores", json={}, headers={"x-api-key": secret})
    end = time.monotonic() + 10
    while last_used() is None:
        assert time.monotonic() < end
        time.sleep(0.05)
    written = last_used()
    usage = KeyUsage(store)
    usage.note(secret.split("_")[1])
    asyncio.run(usage.write())
    assert last_used() == written


def test_keys_are_known_while_the_store_is_away(tmp_path: Path) -> None:
    copy = tmp_path / "keys.json"
    key = api_keys.ApiKey("ab12", "shop", frozenset({"score"}), api_keys.digest("lw_ab12_secret"), "2026-01-01")
    api_keys.write_copy(copy, [key])
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    store = DecisionStore("postgresql://nobody@127.0.0.1:9/none", spool=tmp_path / "spool")
    ring = api_keys.KeyRing(store, 60.0, copy)
    assert asyncio.run(ring.require(Headers({"x-api-key": "lw_ab12_secret"}), "score")) == "ab12"
    with pytest.raises(Problem, match="not valid"):
        asyncio.run(ring.require(Headers({"x-api-key": "lw_ab12_wrong"}), "score"))
    api_keys.write_copy(copy, [replace(key, expires_at="2026-01-02T00:00:00.000000+00:00")])
    expired = api_keys.KeyRing(store, 60.0, copy)
    with pytest.raises(Problem, match="has expired"):
        asyncio.run(expired.require(Headers({"x-api-key": "lw_ab12_secret"}), "score"))
    store.engine.dispose()


def test_a_key_that_was_made_during_a_refresh_works_at_once(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refresh that read before the key was made says nothing of it."""
    store = DecisionStore(engine.url.render_as_string(hide_password=False), spool=tmp_path / "spool")
    ring = api_keys.KeyRing(store, 60.0, tmp_path / "keys.json")
    read = store.read_briefly

    async def use_a_new_key() -> None:
        has_read, may_end = asyncio.Event(), asyncio.Event()

        async def read_slowly(query: Callable[[sa.Connection], list[api_keys.ApiKey]]) -> list[api_keys.ApiKey]:
            keys = await read(query)
            has_read.set()
            await may_end.wait()
            return keys

        monkeypatch.setattr(store, "read_briefly", read_slowly)
        polling = asyncio.create_task(ring.poll())
        await has_read.wait()
        with engine.begin() as connection:
            key, secret = api_keys.create(connection, "shop", ["score"])
        asking = asyncio.create_task(ring.require(Headers({"x-api-key": secret}), "score"))
        await asyncio.sleep(0)
        may_end.set()
        try:
            assert await asking == key.key_id
        finally:
            polling.cancel()

    asyncio.run(use_a_new_key())
    store.engine.dispose()


def test_a_damaged_copy_of_the_keys_is_no_copy(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('[{"key_id": 1')
    assert api_keys.read_copy(tmp_path / "keys.json") is None
    assert api_keys.read_copy(tmp_path / "absent.json") is None
