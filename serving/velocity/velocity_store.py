"""Contract of velocity stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from features.velocity_keys import VelocityKeys

NONCE_SECONDS = 2 * 86_400
"""How long a used token is remembered; no token is accepted for longer."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Counts before a lead.

    Attributes
    ----------
    counts
        Field of the lead -> count; nan if the lead has no such key. Empty while the store is away.
    replayed
        The token was used before by another owner.
    """

    counts: Mapping[str, float]
    replayed: bool = False


class VelocityStore(Protocol):
    """Counts recent leads by key and remembers used tokens."""

    @property
    def away(self) -> str | None:
        """Kind of the error while the store is not available; None otherwise."""

    async def observe(self, keys: VelocityKeys, at: float, nonce: bytes | None, owner: str) -> Observed:
        """Return the counts before a lead and add the lead, atomically.

        Parameters
        ----------
        keys
            Of the lead.
        at
            Time of submit, in seconds since 1970.
        nonce
            Of its token; None without a valid token.
        owner
            Person that the token belongs to; the same owner may use it again.
        """

    async def close(self) -> None:
        """Close connections."""
