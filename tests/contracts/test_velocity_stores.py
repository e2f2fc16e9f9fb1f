"""Battery of velocity stores: the defined counts in every implementation, in any order, exact under concurrency."""

from __future__ import annotations

import asyncio
import importlib
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pkgutil import iter_modules
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.velocity_kernel import MAX_SCANNED
from features.velocity_keys import MAX_COUNT
from serving import velocity
from serving.velocity import redis_velocity
from serving.velocity.durable_velocity import DurableVelocityStore
from serving.velocity.memory_velocity import MemoryVelocityStore
from serving.velocity.redis_velocity import RedisVelocityStore
from serving.velocity.velocity_store import NONCE_MICROS, Observed, VelocityStore
from store.decision_store import DecisionStore
from tests.features.velocity_leads import RECENT_LEADS, VelocityLead, defined_counts, keys
from tests.serving.velocity.redis_server import URL

OPENERS: dict[type, Callable[[DecisionStore, str], VelocityStore]] = {
    MemoryVelocityStore: lambda store, prefix: MemoryVelocityStore(),
    DurableVelocityStore: lambda store, prefix: DurableVelocityStore(store),
    RedisVelocityStore: lambda store, prefix: RedisVelocityStore(
        URL, DurableVelocityStore(store, counts_all=False), f"{prefix}:{uuid4().hex[:8]}"
    ),
}
"""Implementation -> how to open an empty one on an empty log; the prefix is for stores that others share."""


def implementations() -> list[type]:
    """Return all classes in `serving.velocity` with the methods of a velocity store."""
    modules = [importlib.import_module(f"{velocity.__name__}.{info.name}") for info in iter_modules(velocity.__path__)]
    return [
        member
        for module in modules
        for member in vars(module).values()
        if isinstance(member, type) and member.__module__ == module.__name__ and hasattr(member, "observe")
        if member is not VelocityStore
    ]


every_store = pytest.mark.parametrize("kind", implementations(), ids=lambda kind: kind.__name__)
EXAMPLES = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for Redis on a loaded machine: the log that would stand in for it stays empty here."""
    monkeypatch.setattr(redis_velocity, "TIMEOUT_SECONDS", 10.0)


def test_every_implementation_is_in_this_battery() -> None:
    assert set(implementations()) == set(OPENERS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DecisionStore]:
    """A store with an empty log."""
    store = DecisionStore(f"sqlite:///{tmp_path}/s.db", spool=tmp_path / "spool")
    store.start()
    yield store
    store.stop()


def observed(store: VelocityStore, leads: list[VelocityLead]) -> list[dict[str, float]]:
    async def run() -> list[dict[str, float]]:
        await store.start()
        counts = [dict((await store.observe(lead.keys, lead.at, None)).counts) for lead in leads]
        await store.close()
        return counts

    return asyncio.run(run())


@EXAMPLES
@given(leads=RECENT_LEADS, seed=st.integers(0, 9))
@every_store
def test_any_order_and_repetition_gives_the_defined_counts(
    kind: type, store: DecisionStore, redis_prefix: str, leads: list[VelocityLead], seed: int
) -> None:
    first = [*leads, *leads[::2]]
    random.Random(seed).shuffle(first)
    counts = observed(OPENERS[kind](store, redis_prefix), [*first, *leads])[len(first) :]
    for lead, found in zip(leads, counts, strict=True):
        assert found == pytest.approx(defined_counts(lead, leads), nan_ok=True, abs=0, rel=0)


@EXAMPLES
@given(leads=RECENT_LEADS)
@every_store
def test_in_order_of_time_each_lead_has_its_final_counts_at_once(
    kind: type, store: DecisionStore, redis_prefix: str, leads: list[VelocityLead]
) -> None:
    leads = sorted(leads, key=lambda lead: lead.at)
    counts = observed(OPENERS[kind](store, redis_prefix), leads)
    for lead, found in zip(leads, counts, strict=True):
        assert found == pytest.approx(defined_counts(lead, leads), nan_ok=True, abs=0, rel=0)


@pytest.mark.parametrize("kind", [MemoryVelocityStore, RedisVelocityStore])
def test_hot_keys_are_capped_and_scanned_alike(kind: type, store: DecisionStore, redis_prefix: str) -> None:
    crowd = [VelocityLead(keys(person, ip=7), person) for person in range(1, MAX_COUNT + 5)]
    spammer = [VelocityLead(keys(9, net=8), at) for at in range(1, MAX_SCANNED + 1)]
    leads = [VelocityLead(keys(1, net=8), 0), *crowd, *spammer, VelocityLead(keys(5, ip=7, net=8), MAX_SCANNED + 1)]
    *_, last = observed(OPENERS[kind](store, redis_prefix), leads)
    assert (last["recent_ip_10m"], last["recent_ip_30d"], last["recent_net_24h"]) == (MAX_COUNT, MAX_COUNT, 1.0)


@every_store
def test_a_lead_from_the_far_future_is_counted_but_does_not_count(
    kind: type, store: DecisionStore, redis_prefix: str
) -> None:
    year = 365 * 86_400_000_000
    leads = [VelocityLead(keys(1, ip=7, domain=8), 1), VelocityLead(keys(2, ip=7, domain=8), 200 * year)]
    leads.append(VelocityLead(keys(3, ip=7, domain=8), 300 * year))
    leads.append(VelocityLead(keys(4, ip=7, domain=8), 2))
    *_, future, present = observed(OPENERS[kind](store, redis_prefix), leads)
    assert (future["recent_ip_30d"], present["recent_ip_30d"]) == (0.0, 1.0)


@every_store
def test_a_person_may_use_a_token_again(kind: type, store: DecisionStore, redis_prefix: str) -> None:
    async def run() -> list[bool]:
        opened = OPENERS[kind](store, redis_prefix)
        await opened.start()
        calls = [(1, 0, 5), (1, 9, 5), (2, 9, 5), (2, 9, 6), (2, 9, None)]
        seen = [await opened.observe(keys(person), at, nonce) for person, at, nonce in calls]
        await opened.close()
        return [one.replayed for one in seen]

    assert asyncio.run(run()) == [False, False, True, False, False]


def test_tokens_are_forgotten_when_none_is_accepted_any_more() -> None:
    async def run() -> list[bool]:
        memory = MemoryVelocityStore()
        calls = [(1, 0, 5), (2, NONCE_MICROS - 1, 5), (3, NONCE_MICROS, 5)]
        return [(await memory.observe(keys(person), at, nonce)).replayed for person, at, nonce in calls]

    assert asyncio.run(run()) == [False, True, False]


def test_concurrent_threads_are_counted_exactly() -> None:
    memory = MemoryVelocityStore()

    def one(number: int) -> Observed:
        return asyncio.run(memory.observe(keys(number + 1, ip=7), number, None))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(200)))
        assert [found.counts["recent_ip_10m"] for found in pool.map(one, range(200))] == [float(n) for n in range(200)]
