"""Conversions that a local peer holds: the effect of everything it accepted."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Effects:
    """Conversions by key, each with all its values in order of arrival.

    Attributes
    ----------
    values
        Key (action and transaction) -> values; one conversion per key, the last value counts.
    counts
        Key -> how often it counts: 1, except where the platform does not recognise repeated events.
    refused
        Code -> rows.
    counters
        Requests, repeated events and tokens.
    """

    values: dict[str, list[float | None]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    counters: Counter[str] = field(default_factory=Counter)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def record(self, key: str, value: float | None, *, repeats: str = "ignored") -> None:
        """Record a conversion.

        Parameters
        ----------
        key
            Action and transaction.
        value
            Value of the conversion; None: retracted.
        repeats
            Effect of a key that is held already: `ignored`, `replaced` (its value), or `counted` once more.
        """
        repeated = key in self.values
        if not repeated or repeats == "replaced":
            self.values.setdefault(key, []).append(value)
        if not repeated or repeats == "counted":
            self.counts[key] += 1
        self.counters["repeated" if repeated else "accepted"] += 1

    def summary(self) -> dict[str, Any]:
        """Return everything as JSON."""
        with self.lock:
            return {
                "values": dict(self.values),
                "counts": dict(self.counts),
                "refused": dict(self.refused),
                "counters": dict(self.counters),
            }
