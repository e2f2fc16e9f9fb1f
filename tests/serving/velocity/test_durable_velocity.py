"""The log behind the counts: several processes on one store count as one, and a restart changes nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest

from serving.velocity.durable_velocity import DurableVelocityStore
from serving.velocity.velocity_store import Observed
from store import velocity_events
from store.decision_store import DecisionStore
from store.spool import StoreEntry
from store.velocity_events import VelocityEvent
from tests.features.velocity_leads import DAY, MINUTE, VelocityLead, defined_counts, keys

NOW = 1_770_000_000_000_000


@contextmanager
def running(url: str, folder: Path) -> Iterator[DecisionStore]:
    """Run a decision store, as a process would."""
    store = DecisionStore(url, spool=folder / "spool")
    store.start()
    try:
        yield store
    finally:
        store.stop()


def made_up_leads(seed: int, rows: int = 60) -> list[VelocityLead]:
    """Return leads of 40 days in order of time."""
    rng = random.Random(seed)
    times = sorted(NOW + rng.randrange(40) * DAY + rng.randrange(40) * MINUTE for _ in range(rows))
    return [
        VelocityLead(keys(rng.randint(1, 9), ip=rng.randint(1, 2), domain=rng.choice([0, 3, 4])), at) for at in times
    ]


async def decide(store: DecisionStore, velocity: DurableVelocityStore, lead: VelocityLead) -> Observed:
    """Count a lead and store its event, as the service does."""
    observed = await velocity.observe(lead.keys, lead.at, None)
    event = VelocityEvent(lead.at, lead.keys.person, lead.keys.packed(), lead.keys.domain)
    await store.keep(StoreEntry([], velocity=[event]))
    return observed


def test_workers_that_share_a_store_count_as_one(store_url: str, tmp_path: Path) -> None:
    leads = made_up_leads(seed=1)

    async def run(stores: list[DecisionStore]) -> list[Observed]:
        workers = [(store, DurableVelocityStore(store)) for store in stores]
        for _, velocity in workers:
            await velocity.start()
        return [await decide(*workers[number % 3 % 2], lead) for number, lead in enumerate(leads)]

    with ExitStack() as stack:
        stores = [stack.enter_context(running(store_url, tmp_path / name)) for name in "ab"]
        counts = asyncio.run(run(stores))
    for lead, observed in zip(leads, counts, strict=True):
        assert observed.counts == pytest.approx(defined_counts(lead, leads), nan_ok=True, abs=0, rel=0)


def test_a_restart_changes_nothing(store_url: str, tmp_path: Path) -> None:
    leads = made_up_leads(seed=2)

    async def run(part: list[VelocityLead], again: list[VelocityLead]) -> list[Observed]:
        with running(store_url, tmp_path) as store:
            velocity = DurableVelocityStore(store)
            await velocity.start()
            for lead in part:
                await decide(store, velocity, lead)
            return [await velocity.observe(lead.keys, lead.at, None) for lead in again]

    asyncio.run(run(leads[:30], []))
    asyncio.run(run(leads[30:], []))
    counts = asyncio.run(run([], leads))
    for lead, observed in zip(leads, counts, strict=True):
        assert observed.counts == pytest.approx(defined_counts(lead, leads), nan_ok=True, abs=0, rel=0)


def test_a_used_token_is_known_to_other_workers_and_after_a_restart(store_url: str, tmp_path: Path) -> None:
    async def use(velocity: DurableVelocityStore, store: DecisionStore, person: int) -> bool:
        of = keys(person)
        observed = await velocity.observe(of, NOW + person, -77)
        await store.keep(StoreEntry([], velocity=[VelocityEvent(NOW + person, person, of.packed(), 0, -77)]))
        return observed.replayed

    async def run(*persons: int) -> list[bool]:
        with running(store_url, tmp_path / "a") as first, running(store_url, tmp_path / "b") as second:
            stores = [(DurableVelocityStore(store), store) for store in (first, second)]
            return [await use(*stores[number % 2], person) for number, person in enumerate(persons)]

    assert asyncio.run(run(1, 1, 2)) == [False, False, True]
    assert asyncio.run(run(1, 3)) == [False, True]


def test_domains_seen_before_the_events_are_remembered(store_url: str, tmp_path: Path) -> None:
    async def run() -> float:
        with running(store_url, tmp_path) as store:
            with store.engine.begin() as connection:
                velocity_events.add_sightings(connection, [(5, NOW - 120 * DAY)])
            velocity = DurableVelocityStore(store)
            await velocity.start()
            return (await velocity.observe(keys(1, domain=5), NOW, None)).counts["domain_age_days"]

    assert asyncio.run(run()) == 120.0


def test_a_scored_file_counts_at_once(store_url: str, tmp_path: Path) -> None:
    async def run() -> list[float]:
        with running(store_url, tmp_path) as store:
            velocity = DurableVelocityStore(store)
            await velocity.start()
            before = await velocity.observe(keys(1, ip=5), NOW, None)
            rows = (np.array([NOW - 1]), np.array([2]), np.array([keys(2, ip=5).of]))
            velocity_events.write_all(store.engine, lambda since: [rows], NOW, 1)
            after = await velocity.observe(keys(1, ip=5), NOW, None)
            return [before.counts["recent_ip_10m"], after.counts["recent_ip_10m"]]

    assert asyncio.run(run()) == [0.0, 1.0]


def test_concurrent_calls_share_a_query(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    read = DecisionStore.read_briefly

    async def slow(self: DecisionStore, query: object) -> object:
        reads.append(1)
        await asyncio.sleep(0.01)
        return await read(self, query)  # type: ignore[arg-type]

    async def run() -> None:
        with running(f"sqlite:///{tmp_path}/s.db", tmp_path) as store:
            velocity = DurableVelocityStore(store)
            await velocity.start()
            monkeypatch.setattr(DecisionStore, "read_briefly", slow)
            counted = [velocity.observe(keys(person, ip=7), NOW + person, None) for person in range(1, 41)]
            await asyncio.gather(*counted)

    asyncio.run(run())
    assert 1 <= len(reads) <= 3


def test_without_the_store_the_leads_of_this_process_are_counted(tmp_path: Path) -> None:
    async def run() -> list[float]:
        store = DecisionStore("postgresql://nobody@127.0.0.1:1/none", spool=tmp_path)
        velocity = DurableVelocityStore(store)
        await velocity.start()
        counts = [await velocity.observe(keys(person, ip=7), NOW + person, None) for person in (1, 2, 3)]
        return [observed.counts["recent_ip_10m"] for observed in counts]

    assert asyncio.run(run()) == [0.0, 1.0, 2.0]


def test_a_store_that_fails_while_it_is_read_stops_no_lead(tmp_path: Path) -> None:
    async def run() -> float:
        with running(f"sqlite:///{tmp_path}/s.db", tmp_path) as store:
            velocity = DurableVelocityStore(store)
            await velocity.start()
            await velocity.observe(keys(1, ip=7), NOW, None)
            with store.engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE velocity_events RENAME TO lost")
            return (await velocity.observe(keys(2, ip=7), NOW + 1, None)).counts["recent_ip_10m"]

    assert asyncio.run(run()) == 1.0
