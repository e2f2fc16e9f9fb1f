"""Repetitions of a request that may help, with the wait that the other system names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import stamina

from leadworth.errors import TransientError
from leadworth.http_errors import BusyError

# stamina logs and counts each retry by default, in the process's structlog and Prometheus registry.
stamina.instrumentation.set_on_retry_hooks(())

ATTEMPTS = 8
LONGEST_WAIT_SECONDS = 60.0
LONGEST_NAMED_WAIT_SECONDS = 300.0
"""Longest wait that another system names and that is kept; to ask sooner would only lengthen it."""


def attempts(
    wait_initial_seconds: float, *, final: type[TransientError] | tuple[type[TransientError], ...] = ()
) -> Iterator[stamina.Attempt]:
    """Yield attempts: context managers that hide a transient error while a further attempt may help.

    A wait that the other system names is kept; one of more than five minutes ends the attempts.

    Parameters
    ----------
    wait_initial_seconds
        Wait before the second attempt; it doubles each time, plus a random part as long as the first.
    final
        Transient errors that are not repeated.

    Examples
    --------
    >>> answers = iter([BusyError("429"), "done"])
    >>> for attempt in attempts(0.0):
    ...     with attempt:
    ...         answer = next(answers)
    ...         if isinstance(answer, BusyError):
    ...             raise answer
    >>> answer
    'done'
    """

    def repeat(error: Exception) -> bool | timedelta:
        if isinstance(error, final) or not isinstance(error, TransientError):
            return False
        if isinstance(error, BusyError) and error.after is not None:
            named = error.after <= timedelta(seconds=LONGEST_NAMED_WAIT_SECONDS)
            return error.after if named else False
        return True

    return iter(
        stamina.retry_context(
            on=repeat,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=wait_initial_seconds,
            wait_max=LONGEST_WAIT_SECONDS,
            wait_jitter=wait_initial_seconds,
        )
    )
