"""What a platform holds in the end: the effect of everything it took."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Effects:
    """Conversions by key, each with all values it ever had, in order of arrival.

    Attributes
    ----------
    values
        Key (action and transaction) -> values; one conversion per key, the last value counts.
    counts
        Key -> how often it counts: 1, except where a platform recognises no repetition.
    refused
        Code -> rows.
    said
        What else the platform counted: requests, repetitions, faults.
    """

    values: dict[str, list[float | None]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def take(self, key: str, value: float | None, *, repeats: str = "ignored") -> None:
        """Take a conversion.

        Parameters
        ----------
        key
            Action and transaction.
        value
            Of the conversion; None: taken back.
        repeats
            What a known key does: `ignored`, `replaced` (its value), or `counted` once more.
        """
        known = key in self.values
        if not known or repeats == "replaced":
            self.values.setdefault(key, []).append(value)
        if not known or repeats == "counted":
            self.counts[key] += 1
        self.said["repeated" if known else "taken"] += 1

    def summary(self) -> dict[str, Any]:
        """Return everything as JSON."""
        with self.lock:
            return {
                "values": dict(self.values), "counts": dict(self.counts), "refused": dict(self.refused),
                "said": dict(self.said),
            }  # fmt: skip
