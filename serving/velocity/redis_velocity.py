"""Velocity store in Redis: one round trip per lead, shared by all workers and machines."""

from __future__ import annotations

import time
from importlib import resources
from typing import TYPE_CHECKING, Any

import structlog

from features.feature_group import NAN
from features.velocity_keys import DAY, DOMAIN_AGE, MAX_COUNT, REMEMBERED_DAYS, WINDOWS, VelocityKeys
from leadworth.errors import ConfigurationError
from serving.velocity.velocity_store import NONCE_SECONDS, Observed
from store import store_metrics

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger()

PREFIX = "leadworth"
TIMEOUT_SECONDS = 0.1
RETRY_SECONDS = 5.0


class RedisVelocityStore:
    """Counts in Redis, by one atomic script.

    While Redis is away, leads are scored without counts; one call in five seconds tries again and waits a tenth of
    a second at most.

    Parameters
    ----------
    url
        `redis://host:6379/0`.
    prefix
        Of all keys; two businesses on one Redis use two.

    Raises
    ------
    ConfigurationError
        If the client is not installed or the URL is not one of Redis.
    """

    def __init__(self, url: str, prefix: str = PREFIX) -> None:
        self._redis = _client(url)
        self._prefix = prefix
        source = resources.files("serving.velocity").joinpath("velocity.lua").read_text(encoding="utf-8")
        self._script = self._redis.register_script(source)
        self._retry_at = 0.0
        self.away: str | None = None

    async def observe(self, keys: VelocityKeys, at: float, nonce: bytes | None, owner: str) -> Observed:
        """Return the counts before a lead and add it; see `serving.velocity.velocity_store.VelocityStore`."""
        if self.away is not None and time.monotonic() < self._retry_at:
            return Observed({})
        try:
            reply = await self._script(*_arguments(self._prefix, keys, at, nonce, owner))
        except Exception as error:  # a lead is scored without counts, for any error
            self._set_away(type(error).__name__)
            return Observed({})
        self._set_away(None)
        return _read(keys, at, reply)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def _set_away(self, away: str | None) -> None:
        if away is not None:
            self._retry_at = time.monotonic() + RETRY_SECONDS
        if away != self.away:
            log.error("redis is away", error=away) if away else log.info("redis is back")
            store_metrics.DEGRADED.labels("history").set(0 if away is None else 1)
        self.away = away


def _client(url: str) -> Redis:
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
            url,
            socket_connect_timeout=TIMEOUT_SECONDS,
            socket_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError as error:  # the URL may hold a password, so it is not repeated
        raise ConfigurationError(
            "[serving] redis is not a Redis URL", allowed="redis://[:password@]host:6379/0, rediss://..., unix://..."
        ) from error


def _arguments(
    prefix: str, keys: VelocityKeys, at: float, nonce: bytes | None, owner: str
) -> tuple[list[str], list[Any]]:
    names = [f"{prefix}:{kind}:{key}" for kind, key in keys.of.items()]
    domain = "" if keys.domain is None else f"{prefix}:first:{keys.domain}"
    token = "" if nonce is None else f"{prefix}:token:{nonce.hex()}"
    windows = [number for kind in keys.of for number in (len(WINDOWS[kind]), *WINDOWS[kind].values())]
    arguments = [keys.person, f"{at:.6f}", owner, REMEMBERED_DAYS * DAY, NONCE_SECONDS, len(names), MAX_COUNT, *windows]
    return [*names, domain, token], arguments


def _read(keys: VelocityKeys, at: float, reply: list[Any]) -> Observed:
    counts = dict.fromkeys((field for windows in WINDOWS.values() for field in windows), NAN)
    fields = [field for kind in keys.of for field in WINDOWS[kind]]
    counts.update(zip(fields, map(float, reply), strict=False))
    first_seen, replayed = reply[-2:]
    counts[DOMAIN_AGE] = max(at - float(first_seen), 0.0) / DAY if first_seen not in (b"", "") else NAN
    return Observed(counts, bool(replayed))
