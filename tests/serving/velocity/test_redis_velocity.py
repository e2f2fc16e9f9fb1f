"""Redis in front of the log: filled from it, replaced by it while it is away."""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import redis

from serving.velocity import redis_velocity
from serving.velocity.durable_velocity import DurableVelocityStore
from serving.velocity.redis_velocity import RedisVelocityStore
from store import velocity_events
from store.decision_store import DecisionStore
from tests.features.velocity_leads import DAY, VelocityLead, defined_counts, keys
from tests.serving.velocity.redis_server import URL
from tests.serving.velocity.test_durable_velocity import NOW, decide, made_up_leads, running


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_velocity, "TIMEOUT_SECONDS", 10.0)


def opened(store: DecisionStore, prefix: str, url: str = URL) -> RedisVelocityStore:
    return RedisVelocityStore(url, DurableVelocityStore(store, counts_all=False), prefix)


def test_an_emptied_redis_changes_nothing(tmp_path: Path, redis_prefix: str) -> None:
    leads = made_up_leads(seed=3)
    client = redis.Redis.from_url(URL)

    async def run() -> list[dict[str, float]]:
        with running(f"sqlite:///{tmp_path}/s.db", tmp_path) as store:
            velocity = opened(store, redis_prefix)
            await velocity.start()
            counts = []
            for number, lead in enumerate(leads):
                if number in (20, 40):
                    for key in client.scan_iter(f"{redis_prefix}:*"):
                        client.delete(key)
                if number == 30:
                    await velocity.copy()
                counts.append(dict((await decide(store, velocity, lead)).counts))
            await velocity.close()
            return counts

    counts = asyncio.run(run())
    for lead, found in zip(leads, counts, strict=True):
        assert found == pytest.approx(defined_counts(lead, leads), nan_ok=True, abs=0, rel=0)
    client.close()


def test_redis_is_filled_from_the_log_and_follows_it(
    tmp_path: Path, redis_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_velocity, "FOLLOW_SECONDS", 0.02)

    def write(store: DecisionStore, at: int, person: int, **of: int) -> None:
        rows = (np.array([at]), np.array([person]), np.array([keys(person, **of).of]))
        velocity_events.write_all(store.engine, lambda since: [rows], at, 1)

    async def run() -> list[float]:
        with running(f"sqlite:///{tmp_path}/s.db", tmp_path) as store:
            write(store, NOW - 1, 2, ip=5, domain=6)
            with store.engine.begin() as connection:
                velocity_events.add_sightings(connection, [(6, NOW - 100 * DAY)])
            velocity = opened(store, redis_prefix)
            await velocity.start()
            first = await velocity.observe(keys(1, ip=5, domain=6), NOW, None)
            write(store, NOW - 2, 3, ip=5)
            end = asyncio.get_running_loop().time() + 10
            while (later := await velocity.observe(keys(1, ip=5), NOW, None)).counts["recent_ip_10m"] < 2:
                assert asyncio.get_running_loop().time() < end
                await asyncio.sleep(0.02)
            assert velocity.away is None
            await velocity.close()
            return [first.counts["recent_ip_10m"], first.counts["domain_age_days"], later.counts["recent_ip_10m"]]

    assert asyncio.run(run()) == [1.0, 100.0, 2.0]


def test_without_redis_leads_are_counted_from_the_log(tmp_path: Path) -> None:
    leads = made_up_leads(seed=4, rows=20)

    async def run() -> list[dict[str, float]]:
        with running(f"sqlite:///{tmp_path}/s.db", tmp_path) as store:
            velocity = opened(store, "none", "redis://127.0.0.1:1/0")
            await velocity.start()
            counts = [dict((await decide(store, velocity, lead)).counts) for lead in leads]
            assert velocity.away == "ConnectionError"
            await velocity.close()
            return counts

    for lead, found in zip(leads, asyncio.run(run()), strict=True):
        assert found == pytest.approx(defined_counts(lead, leads), nan_ok=True, abs=0, rel=0)


def test_what_was_counted_while_redis_was_away_reaches_it(
    tmp_path: Path, redis_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_velocity, "RETRY_SECONDS", 0.0)

    async def run() -> float:
        with running(f"sqlite:///{tmp_path}/s.db", tmp_path) as store:
            velocity = opened(store, redis_prefix)
            await velocity.start()
            await decide(store, velocity, VelocityLead(keys(1, ip=5), NOW))
            script, velocity._script = velocity._script, None  # any error
            await decide(store, velocity, VelocityLead(keys(2, ip=5), NOW + 1))
            assert velocity.away == "TypeError"
            velocity._script = script
            await velocity.copy()
            found = await velocity.observe(keys(3, ip=5), NOW + 2, None)
            assert velocity.away is None
            await velocity.close()
            return found.counts["recent_ip_10m"]

    assert asyncio.run(run()) == 2.0


def _in_a_process(folder: str, prefix: str, numbers: range) -> list[bool]:
    async def run() -> list[bool]:
        redis_velocity.TIMEOUT_SECONDS = 10.0
        velocity = opened(DecisionStore(f"sqlite:///{folder}/s.db", spool=Path(folder)), prefix)
        of = [keys(number + 1, ip=7) for number in numbers]
        seen = [await velocity.observe(key, NOW + key.person, 99) for key in of]
        await velocity.close()
        return [one.replayed for one in seen]

    return asyncio.run(run())


def test_concurrent_processes_share_counts_and_tokens(tmp_path: Path, redis_prefix: str) -> None:
    async def run(count: bool) -> list[float]:
        with running(f"sqlite:///{tmp_path}/s.db", tmp_path) as store:
            velocity = opened(store, redis_prefix)
            await velocity.copy()
            found = [await velocity.observe(keys(n + 1, ip=7), NOW + n + 1, None) for n in range(100 if count else 0)]
            await velocity.close()
            return [one.counts["recent_ip_10m"] for one in found]

    asyncio.run(run(False))  # marks Redis as filled
    parts = [(str(tmp_path), redis_prefix, range(start, start + 50)) for start in (0, 50)]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        replayed = [one for part in pool.map(_in_a_process, *zip(*parts, strict=True)) for one in part]
    assert replayed.count(False) == 1  # one token, one use, whichever process came first
    assert asyncio.run(run(True)) == [float(n) for n in range(100)]
