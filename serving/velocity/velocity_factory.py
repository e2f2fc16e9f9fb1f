"""Open the history that the settings name."""

from __future__ import annotations

from pydantic import SecretStr

from serving.velocity.memory_velocity import MemoryVelocityStore
from serving.velocity.velocity_store import VelocityStore


def open_history(url: SecretStr | None) -> VelocityStore:
    """Return a history in Redis, or in this process where no URL is given.

    Raises
    ------
    ConfigurationError
        Where the URL is none, or the client of Redis is not installed.
    """
    if url is None:
        return MemoryVelocityStore()
    from serving.velocity.redis_velocity import RedisVelocityStore

    return RedisVelocityStore(url.get_secret_value())
