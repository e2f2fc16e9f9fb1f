"""Factory of the velocity store that the settings name."""

from __future__ import annotations

from pydantic import SecretStr

from serving.velocity.memory_velocity import MemoryVelocityStore
from serving.velocity.velocity_store import VelocityStore


def open_velocity_store(url: SecretStr | None) -> VelocityStore:
    """Return a velocity store in Redis, or in this process if there is no URL.

    Raises
    ------
    ConfigurationError
        If the URL is not one of Redis, or the client of Redis is not installed.
    """
    if url is None:
        return MemoryVelocityStore()
    from serving.velocity.redis_velocity import RedisVelocityStore

    return RedisVelocityStore(url.get_secret_value())
