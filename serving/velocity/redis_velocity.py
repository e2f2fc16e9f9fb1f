"""Redis in front of the velocity log: one round trip per lead, shared by all workers and machines."""

from __future__ import annotations

import asyncio
import time
from importlib import resources
from typing import TYPE_CHECKING, Any

import structlog

from features.feature_group import NAN
from features.velocity_counter import COUNTED, DAY_MICROS, KEPT, window_micros
from features.velocity_kernel import MAX_SCANNED
from features.velocity_keys import DOMAIN_AGE, KINDS, MAX_COUNT, WINDOWS, VelocityKeys
from leadworth.errors import ConfigurationError, StoreError
from leadworth.velocity_retention import REMEMBERED_DAYS
from serving.velocity.durable_velocity import DurableVelocityStore
from serving.velocity.velocity_store import NONCE_MICROS, Observed
from store import store_metrics
from store.velocity_events import last_moment

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from store.velocity_events import EventRows, Integers

log = structlog.get_logger()

PREFIX = "leadworth"
TIMEOUT_SECONDS = 0.1
FILL_TIMEOUT_SECONDS = 30.0
RETRY_SECONDS = 5.0
FOLLOW_SECONDS = 1.0
CLOSE_SECONDS = 5.0
_KEPT_SECONDS = KEPT // 1_000_000
_WINDOWS = tuple([len(WINDOWS[kind]), *window_micros(kind).tolist()] for kind in KINDS)


class RedisVelocityStore:
    """Counts in Redis, by one atomic script.

    Once a second each worker copies to Redis what others wrote to the log, such as a scored file; an empty Redis is
    filled from the log. Until then, and while Redis is away, leads are counted from the log; one call in five
    seconds tries Redis again and waits a tenth of a second at most.

    Parameters
    ----------
    url
        `redis://host:6379/0`.
    durable
        The log.
    prefix
        Of all keys; two businesses on one Redis use two.

    Raises
    ------
    ConfigurationError
        If the client is not installed or the URL is not one of Redis.
    """

    def __init__(self, url: str, durable: DurableVelocityStore, prefix: str = PREFIX) -> None:
        self._redis = _client(url, TIMEOUT_SECONDS)
        self._filling = _client(url, FILL_TIMEOUT_SECONDS)
        self._durable = durable
        self._prefix = prefix
        self._mark = f"{prefix}:velocity"
        source = resources.files("serving.velocity").joinpath("velocity.lua").read_text(encoding="utf-8")
        self._script = self._redis.register_script(source)
        self._retry_at = 0.0
        self._follower: asyncio.Task[None] | None = None
        self._closed = False
        self.away: str | None = None

    async def start(self) -> None:
        """Load the log, fill Redis from it, and go on copying what others write."""
        await self._durable.start()
        await self.copy()
        self._follower = asyncio.create_task(self._follow())

    async def observe(self, keys: VelocityKeys, at: int, nonce: int | None) -> Observed:
        """Return the counts before a lead and add it; see `serving.velocity.velocity_store.VelocityStore`."""
        if self.away is not None and time.monotonic() < self._retry_at:
            return await self._durable.observe(keys, at, nonce)
        try:
            reply = await self._script(*self._arguments(keys, at, nonce))
        except Exception as error:  # a lead is counted from the log, for any error
            self._set_away(error)
            return await self._durable.observe(keys, at, nonce)
        if reply is None:  # empty: the follower fills it
            return await self._durable.observe(keys, at, nonce)
        self._set_away(None)
        return _read(keys, at, reply)

    async def close(self) -> None:
        """Stop copying, and close the connections."""
        self._closed = True  # a cancellation during a call to Redis can be lost in its client
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.wait([self._follower], timeout=CLOSE_SECONDS)
        await self._redis.aclose()
        await self._filling.aclose()

    async def copy(self) -> None:
        """Copy the events of the log that Redis does not have; nothing happens while one of them is away."""
        try:
            mark = await self._filling.get(self._mark)
            last = int(mark or 0)
            async for rows in self._durable.events_after(last):
                if len(rows):
                    await self._add(rows)
                last = rows.last
            if mark is None:
                await self._add_sightings(*await self._durable.sightings())
            if mark is None or last > int(mark):
                await self._filling.set(self._mark, last)
        except StoreError as error:
            log.warning("velocity events not copied to redis", error=str(error))
        except Exception as error:  # of any kind: leads are counted from the log
            self._set_away(error)

    async def _follow(self) -> None:
        while not self._closed:
            await asyncio.sleep(FOLLOW_SECONDS)
            if self.away is None or time.monotonic() >= self._retry_at:
                await self.copy()

    async def _add(self, rows: EventRows) -> None:
        pipeline = self._filling.pipeline(transaction=False)
        columns = (rows.times.tolist(), rows.persons.tolist(), rows.keys.tolist(), rows.nonces)
        for at, person, keys, nonce in zip(*columns, strict=True):
            for name in self._names(keys):
                pipeline.execute_command("ZADD", name, at, f"{person}:{at}")
                pipeline.execute_command("EXPIRE", name, _KEPT_SECONDS)
            left = (at + NONCE_MICROS) // 1_000_000 - int(time.time())
            if nonce is not None and left > 0:
                pipeline.execute_command("SET", self._token(nonce), person, "NX", "EX", left)
        await pipeline.execute()
        domains = rows.keys[:, KINDS.index("domain")]
        await self._add_sightings(domains[domains != 0], rows.times[domains != 0])

    async def _add_sightings(self, domains: Integers, times: Integers) -> None:
        pipeline = self._filling.pipeline(transaction=False)
        for domain, at in zip(domains.tolist(), times.tolist(), strict=True):
            pipeline.execute_command("ZADD", self._domain(domain), "LT", at, at // DAY_MICROS)
            pipeline.execute_command("EXPIRE", self._domain(domain), 3 * _KEPT_SECONDS)
        await pipeline.execute()

    def _arguments(self, keys: VelocityKeys, at: int, nonce: int | None) -> tuple[list[str], list[Any]]:
        domain = self._domain(keys.domain) if keys.domain else ""
        names = [self._mark, domain, "" if nonce is None else self._token(nonce), *self._names(keys.of)]
        day = at // DAY_MICROS
        windows = [number for kind, key in enumerate(keys.of) if key for number in _WINDOWS[kind]]
        first_day = (day - REMEMBERED_DAYS) * DAY_MICROS
        flags = [
            keys.person,
            at,
            int(at <= last_moment()),
            _KEPT_SECONDS,
            KEPT,
            first_day,
            day,
            NONCE_MICROS // 1_000_000,
        ]
        return names, [*flags, MAX_COUNT, MAX_SCANNED, *windows]

    def _names(self, keys: tuple[int, ...] | list[int]) -> list[str]:
        return [f"{self._prefix}:event:{key}" for key in keys if key]

    def _domain(self, domain: int) -> str:
        return f"{self._prefix}:domain:{domain}"

    def _token(self, nonce: int) -> str:
        return f"{self._prefix}:token:{nonce}"

    def _set_away(self, error: Exception | None) -> None:
        away = None if error is None else type(error).__name__
        if away is not None:
            self._retry_at = time.monotonic() + RETRY_SECONDS
        if away != self.away:
            log.error("redis is away", error=away) if away else log.info("redis is back")
            store_metrics.DEGRADED.labels("history").set(0 if away is None else 1)
        self.away = away


def _client(url: str, timeout: float) -> Redis:
    try:
        from redis.asyncio import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "[serving] redis is set, but its client is not installed", do="install leadworth[redis]"
        ) from error
    try:
        return Redis.from_url(
            url, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=timeout, retry=Retry(NoBackoff(), 0)
        )
    except ValueError as error:  # the URL may hold a password, so it is not repeated
        raise ConfigurationError(
            "[serving] redis is not a Redis URL", allowed="redis://[:password@]host:6379/0, rediss://..., unix://..."
        ) from error


def _read(keys: VelocityKeys, at: int, reply: list[Any]) -> Observed:
    counts = dict.fromkeys((*COUNTED, DOMAIN_AGE), NAN)
    fields = [field for kind, key in zip(KINDS, keys.of, strict=True) if key for field in WINDOWS[kind]]
    counts.update(zip(fields, map(float, reply), strict=False))
    first_seen, replayed = reply[-2:]
    if first_seen not in (b"", ""):
        counts[DOMAIN_AGE] = (at - int(first_seen)) / DAY_MICROS
    return Observed(counts, bool(replayed))
