"""Faults of a connection that the sandbox injects at random."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Kind of fault."""

    BUSY = "429"
    """Refused for now, with a time to wait; nothing was accepted."""
    BROKEN = "500"
    """Failed before anything was accepted."""
    AWAY = "503"
    """Not available; nothing was accepted."""
    LATE = "late"
    """Accepted, but only after the caller gave up."""
    CUT = "cut"
    """Accepted, and the connection closed without an answer."""


@dataclass(frozen=True)
class Wait:
    """Durations of faults, in seconds.

    Attributes
    ----------
    late
        Delay of a late answer.
    retry_after
        Time to wait that a busy platform names.
    """

    late: float = 2.0
    retry_after: float = 0.2


class Faults:
    """Draws a fault for a share of the requests; the same seed draws the same ones.

    Parameters
    ----------
    rate
        Share of requests that fail.
    seed
        Seed of the random numbers.
    wait
        Durations of faults.
    """

    def __init__(self, rate: float = 0.0, seed: int = 0, wait: Wait | None = None) -> None:
        self.rate, self.wait = rate, wait or Wait()
        self._random, self._lock = random.Random(seed), threading.Lock()

    def draw(self) -> Fault | None:
        """Return the fault of the next request, or None.

        Examples
        --------
        >>> Faults().draw() is None, Faults(1.0, seed=1).draw()
        (True, <Fault.BUSY: '429'>)
        """
        with self._lock:
            if self._random.random() >= self.rate:
                return None
            return self._random.choice(list(Fault))
