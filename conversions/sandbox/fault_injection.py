"""What goes wrong between two machines, on purpose and by chance."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One way to fail."""

    BUSY = "429"
    """Refused for now, with a time to wait; nothing was taken."""
    BROKEN = "500"
    """Failed before anything was taken."""
    AWAY = "503"
    """Not there; nothing was taken."""
    LATE = "late"
    """Taken, but only after the caller gave up."""
    CUT = "cut"
    """Taken, and the connection closed without an answer."""


@dataclass(frozen=True)
class Wait:
    """Seconds of a fault.

    Attributes
    ----------
    late
        How long a late answer takes.
    retry_after
        What a busy platform says to wait.
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
        Of the drawing.
    wait
        Seconds of some faults.
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
