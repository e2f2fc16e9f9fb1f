"""Factory of the velocity store that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from serving.velocity.durable_velocity import DurableVelocityStore
from serving.velocity.velocity_store import VelocityStore

if TYPE_CHECKING:
    from store.decision_store import DecisionStore


def open_velocity_store(url: SecretStr | None, store: DecisionStore) -> VelocityStore:
    """Return the velocity store of the decision store, with Redis in front of it if there is a URL.

    Raises
    ------
    ConfigurationError
        If the URL is not one of Redis, or the client of Redis is not installed.
    """
    if url is None:
        return DurableVelocityStore(store)
    from serving.velocity.redis_velocity import RedisVelocityStore

    return RedisVelocityStore(url.get_secret_value(), DurableVelocityStore(store, counts_all=False))
