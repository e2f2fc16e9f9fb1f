"""Rate limiter per platform, shared by all workers.

The generic cell rate algorithm (a token bucket kept as one number): the store holds the time at which the next
request is due at an even rate. Requests may run ahead of it by a burst of some seconds.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from store import platform_limits

if TYPE_CHECKING:
    from sqlalchemy import Engine

BURST_SECONDS = 10.0


class RateLimiter:
    """Rate limiter of one platform.

    Parameters
    ----------
    engine
        Store engine.
    destination
        Name of the platform.
    per_minute
        Requests a minute, of all workers together.
    """

    def __init__(self, engine: Engine, destination: str, per_minute: int) -> None:
        self._engine = engine
        self._destination = destination
        self._interval_seconds = 60.0 / per_minute
        with engine.begin() as connection:
            platform_limits.register(connection, destination)

    def acquire(self) -> bool:
        """Wait for a slot for one request; return False at once while the circuit breaker is open."""
        while True:
            with self._engine.begin() as connection:
                wait = platform_limits.take_slot(
                    connection, self._destination, datetime.now(UTC), self._interval_seconds, BURST_SECONDS
                )
            if wait is None:
                return False
            if wait == 0.0:
                return True
            time.sleep(min(max(wait, 0.01), 1.0))
