"""Capabilities of an ad platform: limits of a request, time windows, and what can be done to a conversion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Capabilities:
    """Capabilities of a platform.

    Attributes
    ----------
    batch
        Events of one request.
    window
        Age of an event up to which it is accepted.
    from_click
        The window begins at the click, where that is known.
    restate
        Age of a conversion up to which its value can be replaced; None where the platform cannot: it adds up
        what it is sent, so later stages send increments.
    retract
        Whether a conversion can be retracted.
    delay
        Time after the click before which the platform does not know the click.
    repeats
        How long it recognises an event that is sent again; None: never, so an event in doubt stays in doubt.
    ask_after
        Time after a receipt at which its status can be queried; None: it cannot be queried.
    consents
        Whether consent has a field of its own; where it has none, both purposes must be granted.
    """

    batch: int
    window: timedelta
    from_click: bool = False
    restate: timedelta | None = None
    retract: bool = False
    delay: timedelta = timedelta(0)
    repeats: timedelta | None = timedelta(days=3650)
    ask_after: timedelta | None = None
    consents: bool = True

    @property
    def window_days(self) -> int:
        """The window in whole days, as the platform names it; ours may be shorter by a margin.

        Examples
        --------
        >>> Capabilities(batch=1, window=timedelta(days=7) - timedelta(hours=1)).window_days
        7
        """
        return round(self.window / timedelta(days=1))
