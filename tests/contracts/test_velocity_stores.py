"""Battery of velocity stores: the same counts in every implementation and in training, exact under concurrency."""

from __future__ import annotations

import asyncio
import importlib
import math
import multiprocessing
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pkgutil import iter_modules
from uuid import uuid4

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.velocity_counter import VelocityCounter
from features.velocity_keys import DAY, FIELDS, VelocityKeys, behaviour_key, keys_of, message_key
from serving import velocity
from serving.velocity.memory_velocity import MemoryVelocityStore
from serving.velocity.redis_velocity import RedisVelocityStore
from serving.velocity.velocity_store import VelocityStore
from tests.features.leads import payload, payloads
from training.velocity_backfill import near_duplicates, with_velocity

redis = pytest.importorskip("redis")
URL = "redis://127.0.0.1:6379/9"

OPENERS: dict[type, Callable[[str], VelocityStore]] = {
    MemoryVelocityStore: lambda prefix: MemoryVelocityStore(),
    RedisVelocityStore: lambda prefix: RedisVelocityStore(URL, f"{prefix}:{uuid4().hex[:8]}"),
}
"""Implementation -> how to open an empty one; the prefix is for stores that others share."""


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


def test_every_implementation_is_in_this_battery() -> None:
    assert set(implementations()) == set(OPENERS)


@pytest.fixture
def prefix() -> Iterator[str]:
    """Prefix of its own in a real Redis; its keys are gone afterwards."""
    client = redis.Redis.from_url(URL, socket_connect_timeout=1)
    try:
        client.ping()
    except redis.exceptions.ConnectionError:
        pytest.skip(f"no Redis at {URL}")
    name = f"test-{uuid4().hex[:12]}"
    yield name
    for key in client.scan_iter(f"{name}:*"):
        client.delete(key)
    client.close()


MESSAGE = "we sell the very best links to your site and rank it first on every page of the results"
LEADS = st.lists(
    st.fixed_dictionaries(
        {
            "seconds": st.integers(0, 3 * 86_400).map(lambda s: s - s % 60),
            "email": st.sampled_from(["ada@acme.example", "bob@acme.example", "eve@gmail.com", "joe@plant.it", None]),
            "ip": st.sampled_from(["203.0.113.7", "203.0.113.9", "198.51.100.1", None]),
            "phone": st.sampled_from(["+39 333 1234567", None]),
            "message": st.sampled_from([MESSAGE, f"hello {MESSAGE}", "call me", None]),
        }
    ),
    max_size=25,
)


def observed(store: VelocityStore, leads: list[dict[str, object]]) -> list[dict[str, float]]:
    async def run() -> list[dict[str, float]]:
        found = []
        for number, lead in enumerate(leads):
            keys = keys_of({**lead, "lead_id": str(number)})
            found.append(dict((await store.observe(keys, float(lead["seconds"]), None, str(number))).counts))
        await store.close()
        return found

    return asyncio.run(run())


def table_of(leads: list[dict[str, object]]) -> pd.DataFrame:
    columns = {
        name: pd.Series([lead[name] for lead in leads], dtype="str") for name in ("email", "ip", "phone", "message")
    }
    at = pd.to_datetime(pd.Series([lead["seconds"] for lead in leads], dtype="int64"), unit="s", utc=True)
    ids = pd.Series([str(number) for number in range(len(leads))], dtype="str")
    return pd.DataFrame({"lead_id": ids, "submitted_at": at.astype("datetime64[us, UTC]"), **columns})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(leads=LEADS)
@every_store
def test_same_counts_online_and_in_training(kind: type, prefix: str, leads: list[dict[str, object]]) -> None:
    leads = sorted(leads, key=lambda lead: int(lead["seconds"]))
    here = observed(OPENERS[kind](prefix), leads)
    shuffled = np.argsort([-int(lead["seconds"]) for lead in leads], kind="stable")  # ties stay in order
    table = with_velocity(table_of(leads).iloc[shuffled]).sort_index() if leads else pd.DataFrame()
    for name in FIELDS:
        online = [row[name] for row in here]
        trained = table[name].tolist() if name in table else [math.nan] * len(leads)
        assert repr(online) == repr(trained), name


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(leads=LEADS)
@every_store
def test_late_leads_are_counted_as_in_memory(kind: type, prefix: str, leads: list[dict[str, object]]) -> None:
    assert repr(observed(OPENERS[kind](prefix), leads)) == repr(observed(MemoryVelocityStore(), leads))


@given(leads=LEADS)
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_a_plain_look_back(leads: list[dict[str, object]]) -> None:
    """The definition, written out: distinct others whose latest lead with the key is in the window."""
    leads = sorted(leads, key=lambda lead: int(lead["seconds"]))
    found = observed(MemoryVelocityStore(), leads)
    keys = [keys_of({**lead, "lead_id": str(number)}) for number, lead in enumerate(leads)]
    for place, lead in enumerate(leads):
        if "net" in keys[place].of:
            since = int(lead["seconds"]) - DAY
            others = {
                keys[before].person
                for before in range(place)
                if keys[before].of.get("net") == keys[place].of["net"] and int(leads[before]["seconds"]) > since
            }
            assert found[place]["recent_net_24h"] == len(others - {keys[place].person})


def test_concurrent_threads_are_counted_exactly() -> None:
    store = MemoryVelocityStore()

    def one(number: int) -> float:
        return asyncio.run(store.observe(VelocityKeys(str(number), {"ip": "x"}), 5.0, None, "")).counts["recent_ip_10m"]

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(200))) == [float(n) for n in range(200)]


def _in_a_process(prefix: str, numbers: range) -> list[tuple[float, bool]]:
    async def run() -> list[tuple[float, bool]]:
        store = RedisVelocityStore(URL, prefix)
        keys = [VelocityKeys(str(number), {"ip": "x"}) for number in numbers]
        seen = [await store.observe(key, 5.0, b"same token", key.person) for key in keys]
        await store.close()
        return [(one.counts["recent_ip_10m"], one.replayed) for one in seen]

    return asyncio.run(run())


def test_concurrent_processes_share_counts_and_tokens(prefix: str) -> None:
    parts = [(prefix, range(start, start + 50)) for start in range(0, 200, 50)]
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = [one for part in pool.starmap(_in_a_process, parts) for one in part]
    assert sorted(count for count, _ in found) == [float(n) for n in range(200)]
    assert [replayed for _, replayed in found].count(False) == 1  # one token, one use, whichever process came first


@every_store
def test_the_owner_of_a_token_may_use_it_again(kind: type, prefix: str) -> None:
    async def run() -> list[bool]:
        store = OPENERS[kind](prefix)
        seen = [
            await store.observe(VelocityKeys("p", {}), at, b"n", owner)
            for at, owner in ((0.0, "1"), (9.0, "1"), (9.0, "2"))
        ]
        await store.close()
        return [one.replayed for one in seen]

    assert asyncio.run(run()) == [False, False, True]


def test_without_redis_there_are_no_counts_and_no_error() -> None:
    async def run() -> None:
        store = RedisVelocityStore("redis://127.0.0.1:1/0")
        assert not (await store.observe(VelocityKeys("p", {"ip": "x"}), 0.0, b"n", "1")).counts
        assert store.away == "ConnectionError"
        await store.close()

    asyncio.run(run())


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.velocity_counter.MAX_KEYS", 100)
    counter = VelocityCounter()
    for number in range(1_000):
        counter.observe(VelocityKeys(str(number), {"ip": str(number), "domain": str(number)}), float(number))
    assert len(counter._seen["ip"]) == 100
    assert len(counter._domains) == 100
    for number in range(5_000):
        counter.observe(VelocityKeys(str(number), {"ip": "busy"}), 31 * number * DAY)
    assert len(counter._seen["ip"]["busy"].people) == 1


def test_training_keeps_what_the_service_counted_and_gives_no_counts_without_a_time() -> None:
    table = table_of(
        [{"seconds": 60 * n, "email": None, "ip": "203.0.113.7", "phone": None, "message": None} for n in range(3)]
    )
    counted = table.assign(recent_ip_10m=[7.0, 8.0, 9.0])
    assert with_velocity(counted)["recent_ip_10m"].tolist() == [7.0, 8.0, 9.0]
    undated = table.assign(submitted_at=table["submitted_at"].where([True, False, True]))
    assert repr(with_velocity(undated)["recent_ip_10m"].tolist()) == "[0.0, nan, 1.0]"


def test_messages_share_a_key_as_often_as_their_runs_overlap() -> None:
    pool, pairs = random.Random(7), 3_000
    vocabulary = ["".join(pool.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(5_000)]
    shared = 0
    for _ in range(pairs):
        words = pool.choices(vocabulary, k=22)
        edited = [*words]
        edited[pool.randrange(2, 20)] = "another"  # 3 of its 20 runs of three words change
        shared += message_key(" ".join(words)) == message_key(" ".join(edited))
    jaccard = 17 / 23
    assert abs(shared / pairs - jaccard) < 4 * (jaccard * (1 - jaccard) / pairs) ** 0.5


def test_near_duplicates_share_a_group() -> None:
    messages = [
        MESSAGE,
        f"Dear Bob, {MESSAGE}",
        "please send a quote for twenty seats of the larger plan to us",
        None,
        None,
    ]
    groups = near_duplicates(pd.DataFrame({"message": pd.Series(messages, dtype="str")}))
    assert groups[0] == groups[1]
    assert len(np.unique(groups)) == 4


TYPED = {"ik_med": "52", "hold_med": "51", "mv": "1", "path": "30", "ms": "5100"}


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "NaN", "Infinity", "1e15", "-3", "true", '"60"', "[60]", "9" * 400]
)
def test_a_number_that_cannot_be_counts_as_missing(number: str) -> None:
    assert behaviour_key(payload(TYPED | {"keys": number})) == behaviour_key(payload(TYPED)) is not None
    assert behaviour_key(payload(TYPED | {"ms": number})) is None  # four numbers are too few


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(payloads(), min_size=1, max_size=4))
def test_any_payload_is_counted_online_and_in_training(rows: list[str]) -> None:
    at = pd.to_datetime(np.arange(len(rows)) * 60, unit="s", utc=True)
    table = pd.DataFrame({"lead_id": [str(row) for row in range(len(rows))], "submitted_at": at, "lw_data": rows})
    trained = with_velocity(table)
    for row, found in enumerate(
        observed(MemoryVelocityStore(), [{"seconds": 60 * n, "lw_data": text} for n, text in enumerate(rows)])
    ):
        expected = trained["recent_behaviour_24h"][row] if "recent_behaviour_24h" in trained else math.nan
        assert repr(float(found["recent_behaviour_24h"])) == repr(float(expected))
