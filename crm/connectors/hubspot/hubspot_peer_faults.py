"""Limits and errors of the local HubSpot peer."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4


@dataclass
class HubSpotLimits:
    """Limits of an account.

    Attributes
    ----------
    searches
        Searches in a second.
    ten_seconds
        Requests in ten seconds.
    daily
        Requests in a day.
    retry_after
        Whether a 429 for ten seconds names the time to wait.
    results
        Records that one search can page through.
    address
        Characters of an address.
    versions, contact_versions
        Former values that are kept of a property, and of one of contacts.
    targets
        Associations of one record on a page.
    """

    searches: int = 5
    ten_seconds: int = 190
    daily: int = 650_000
    retry_after: bool = True
    results: int = 10_000
    address: int = 8_000
    versions: int = 20
    contact_versions: int = 45
    targets: int = 500


class HubSpotPeerError(Exception):
    """An answer other than success.

    Parameters
    ----------
    status
        HTTP status.
    category
        HubSpot's category.
    message
        What is wrong.
    headers
        Headers of the answer.
    more
        Further parts of the body.
    """

    def __init__(
        self, status: int, category: str, message: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, dict(headers or {})
        self.body = {"status": "error", "message": message, "correlationId": str(uuid4()), "category": category, **more}


def invalid(message: str, **more: Any) -> HubSpotPeerError:
    """Return the fault for a request that is not valid."""
    return HubSpotPeerError(400, "VALIDATION_ERROR", message, **more)


class RequestCounter:
    """Counts requests and refuses those above the limits.

    Parameters
    ----------
    limits
        Limits, which tests may change.

    Attributes
    ----------
    today
        Requests since the peer was started.
    """

    def __init__(self, limits: HubSpotLimits) -> None:
        self._limits = limits
        self._searches: deque[float] = deque()
        self._all: deque[float] = deque()
        self.today = 0

    def count(self, *, search: bool) -> None:
        """Count a request.

        Raises
        ------
        HubSpotPeerError
            429 above a limit.
        """
        now = time.monotonic()
        _forget(self._all, now - 10.0)
        _forget(self._searches, now - 1.0)
        if self.today >= self._limits.daily:
            raise _too_many("DAILY", "daily", {})
        self.today += 1
        if len(self._all) >= self._limits.ten_seconds:
            wait = {"Retry-After": str(int(self._all[0] + 11.0 - now))} if self._limits.retry_after else {}
            raise _too_many("TEN_SECONDLY_ROLLING", "ten_secondly_rolling", wait)
        self._all.append(now)
        if search:
            if len(self._searches) >= self._limits.searches:
                raise _too_many("SECONDLY", "secondly", {})
            self._searches.append(now)

    def headers(self) -> dict[str, str]:
        """Return the headers of an answer; answers to searches have none."""
        left = max(self._limits.daily - self.today, 0)
        return {
            "X-HubSpot-RateLimit-Max": str(self._limits.ten_seconds),
            "X-HubSpot-RateLimit-Remaining": str(max(self._limits.ten_seconds - len(self._all), 0)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Daily": str(self._limits.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(left),
        }


def _forget(times: deque[float], before: float) -> None:
    while times and times[0] < before:
        times.popleft()


def _too_many(policy: str, words: str, headers: Mapping[str, str]) -> HubSpotPeerError:
    message = f"You have reached your {words} limit."
    return HubSpotPeerError(429, "RATE_LIMITS", message, headers, errorType="RATE_LIMIT", policyName=policy)
