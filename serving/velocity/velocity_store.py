"""Contract of velocity stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from features.velocity_counter import DAY_MICROS
from features.velocity_keys import VelocityKeys

NONCE_MICROS = 2 * DAY_MICROS
"""How long a used token is remembered; no token is accepted for longer."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Counts before a lead.

    Attributes
    ----------
    counts
        Field of the lead -> count; nan if the lead has no such key.
    replayed
        The token was used before by another person.
    """

    counts: Mapping[str, float]
    replayed: bool = False


class VelocityStore(Protocol):
    """Counts recent leads by key and remembers used tokens."""

    @property
    def away(self) -> str | None:
        """Kind of the error while a part of it is not available; None otherwise."""

    async def start(self) -> None:
        """Load what other processes counted before."""

    async def observe(self, keys: VelocityKeys, at: int, nonce: int | None) -> Observed:
        """Return the counts before a lead and add the lead, atomically.

        Parameters
        ----------
        keys
            Of the lead.
        at
            Time of submit, in microseconds since 1970.
        nonce
            Of its token; None without a valid token. The person who used it first may use it again.
        """

    async def close(self) -> None:
        """Close connections."""
