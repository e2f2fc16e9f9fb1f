"""Limits and errors of the local Pipedrive peer."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WINDOW_SECONDS = 2.0


@dataclass
class PipedriveLimits:
    """Limits of an account.

    Attributes
    ----------
    daily
        Tokens of a day.
    burst
        Requests of a window of two seconds.
    patience
        Refused requests after which the address is blocked.
    names_wait
        Whether a 429 names the time to wait.
    names_day
        Whether answers name the tokens of the day; Pipedrive leaves them out sometimes.
    page
        Most records of a page.
    """

    daily: int = 30_000
    burst: int = 20
    patience: int = 50
    names_wait: bool = True
    names_day: bool = True
    page: int = 500


class PipedrivePeerError(Exception):
    """An answer other than success.

    Parameters
    ----------
    status
        HTTP status.
    error
        What is wrong; empty: an answer that is no document.
    more
        Further parts of the body.
    """

    def __init__(self, status: int, error: str, **more: Any) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"success": False, "error": error, "data": None, "additional_data": None, **more} if error else None


class TokenBudget:
    """Counts tokens and requests, and refuses those above the limits.

    Parameters
    ----------
    limits
        Limits, which tests may change.

    Attributes
    ----------
    spent
        Tokens since the peer was started.
    """

    def __init__(self, limits: PipedriveLimits) -> None:
        self._limits = limits
        self._recent: deque[float] = deque()
        self._refused = 0
        self.spent = 0

    def take(self, tokens: int) -> None:
        """Count a request.

        Raises
        ------
        PipedrivePeerError
            429 above a limit, and 403 for one who does not stop.
        """
        now = time.monotonic()
        while self._recent and self._recent[0] < now - WINDOW_SECONDS:
            self._recent.popleft()
        if self._refused >= self._limits.patience:
            raise PipedrivePeerError(403, "")
        if len(self._recent) >= self._limits.burst or self.spent + tokens > self._limits.daily:
            self._refused += 1
            raise PipedrivePeerError(429, "request over limit")
        self._recent.append(now)
        self.spent += tokens

    def headers(self, status: int) -> Mapping[str, str]:
        """Return the headers of an answer."""
        limits = self._limits
        left = max(limits.daily - self.spent, 0)
        day_ended = status == 429 and len(self._recent) < limits.burst
        found = {
            "x-ratelimit-limit": str(limits.burst),
            "x-ratelimit-remaining": str(max(limits.burst - len(self._recent), 0)),
        }
        if limits.names_wait:
            found["x-ratelimit-reset"] = f"{WINDOW_SECONDS:g}"
        if limits.names_day or day_ended:
            day = {"x-daily-ratelimit-token-limit": str(limits.daily)}
            found |= day | {"x-daily-ratelimit-token-remaining": "0" if day_ended else str(left)}
        return found
