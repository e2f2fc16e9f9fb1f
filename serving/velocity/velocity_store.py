"""The contract of a history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from features.history import Keys

NONCE_SECONDS = 2 * 86_400
"""How long a used token is remembered; no token is good for longer."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What was known before a lead.

    Attributes
    ----------
    counts
        Field of the lead -> count; nan where the lead has no such key. Empty while the history is away.
    replayed
        Somebody else used this token before.
    """

    counts: Mapping[str, float]
    replayed: bool = False


class VelocityStore(Protocol):
    """Remembers leads and says, of each, what came before."""

    @property
    def away(self) -> str | None:
        """Kind of the error for which nothing is counted; None where all is well."""

    async def observe(self, keys: Keys, at: float, nonce: bytes | None, owner: str) -> Observed:
        """Look a lead up and remember it, in one step that no other lead can fall into.

        Parameters
        ----------
        keys
            Of the lead.
        at
            When it came, in seconds since 1970.
        nonce
            Of its token; None where it has none that was signed by us.
        owner
            Who sent the lead; one who sends again does not replay his own token.
        """

    async def close(self) -> None:
        """Give up connections."""
