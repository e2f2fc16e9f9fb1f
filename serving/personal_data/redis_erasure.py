"""Erase a person from the velocity cache in Redis."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from leadworth.errors import StoreError
from serving.velocity.redis_velocity import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis

BATCH = 1_000
TIMEOUT_SECONDS = 10.0


class RedisPersonEraser:
    """Finds what Redis has of velocity persons by looking through all keys of the cache.

    Parameters
    ----------
    client
        Of Redis.
    prefix
        Of all keys.
    """

    def __init__(self, client: Redis, prefix: str = PREFIX) -> None:
        self._client = client
        self._prefix = prefix

    def erase(
        self, persons: Collection[int], events: Collection[tuple[int, int]], advance: Callable[[int], None]
    ) -> int:
        """Remove events and used tokens; return how many.

        Parameters
        ----------
        persons
            Velocity digests that belong to the person alone: all of their events.
        events
            Digests and times of single events.
        advance
            Called with the number of keys looked at.

        Raises
        ------
        StoreError
            If Redis does not answer.
        """
        names = {str(person).encode() for person in persons}
        members = {f"{person}:{at}".encode() for person, at in events}
        owners = names | {member.partition(b":")[0] for member in members}
        removed = 0
        with _redis_errors():
            for keys in self._batches("event"):
                pipeline = self._client.pipeline(transaction=False)
                for key in keys:
                    pipeline.zrange(key, 0, -1)
                removed += self._remove(keys, pipeline.execute(), names, members)
                advance(len(keys))
            for keys in self._batches("token"):
                used = [key for key, owner in zip(keys, self._client.mget(keys), strict=True) if owner in owners]
                removed += int(self._client.delete(*used)) if used else 0
                advance(len(keys))
        return removed

    def count_keys(self) -> int:
        """Return how many keys the cache has.

        Raises
        ------
        StoreError
            If Redis does not answer.
        """
        with _redis_errors():
            return sum(1 for _ in self._client.scan_iter(f"{self._prefix}:*", count=BATCH))

    def _batches(self, kind: str) -> Iterator[list[bytes]]:
        batch: list[bytes] = []
        for key in self._client.scan_iter(f"{self._prefix}:{kind}:*", count=BATCH):
            batch.append(key)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _remove(self, keys: list[bytes], found: list[Any], names: set[bytes], members: set[bytes]) -> int:
        pipeline = self._client.pipeline(transaction=False)
        for key, rows in zip(keys, found, strict=True):
            own = [row for row in rows if row in members or row.partition(b":")[0] in names]
            if own:
                pipeline.zrem(key, *own)
        return sum(pipeline.execute())


@contextmanager
def open_eraser(url: str) -> Iterator[RedisPersonEraser]:
    """Connect to Redis, and close the connection after the block.

    Raises
    ------
    StoreError
        If Redis does not answer.
    """
    from redis import Redis

    client = Redis.from_url(url, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS)
    try:
        with _redis_errors():
            client.ping()
        yield RedisPersonEraser(client)
    finally:
        client.close()


@contextmanager
def _redis_errors() -> Iterator[None]:
    from redis.exceptions import RedisError

    try:
        yield
    except RedisError as error:
        raise StoreError(
            f"Redis does not answer: {type(error).__name__}", do="start it, and run the command again"
        ) from error
