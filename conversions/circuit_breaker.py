"""Circuit breaker per platform, shared by all workers: opens when a platform refuses credentials or settings.

While it is open, no request is sent and no attempt counts. It stays open longer after each failure, from
five minutes to six hours, and closes at the first success.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from store import platform_limits

if TYPE_CHECKING:
    from sqlalchemy import Engine

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)


class CircuitBreaker:
    """Circuit breaker of one platform.

    Parameters
    ----------
    engine
        Store engine.
    destination
        Name of the platform.
    """

    def __init__(self, engine: Engine, destination: str) -> None:
        self._engine = engine
        self._destination = destination
        with engine.begin() as connection:
            platform_limits.register(connection, destination)

    def open(self, code: str) -> datetime:
        """Stop all requests to the platform for a while; return until when.

        Parameters
        ----------
        code
            The platform's error code.
        """
        with self._engine.begin() as connection:
            failures = platform_limits.count_failure(connection, self._destination, code)
            pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
            until: datetime = datetime.now(UTC) + pause * random.uniform(0.9, 1.0)
            platform_limits.open_circuit(connection, self._destination, until)
        return until

    def close(self) -> None:
        """Allow requests again."""
        with self._engine.begin() as connection:
            platform_limits.close_circuit(connection, self._destination)
