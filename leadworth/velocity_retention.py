"""Retention of velocity events: for the store that holds them, and for the counters in memory."""

from __future__ import annotations

KEPT_DAYS = 90
"""Days before the latest event: the longest window (30 days) before a lead that is scored up to 60 days late."""
REMEMBERED_DAYS = 180
"""Days for which the sightings of a mail domain count; its age is at most this."""
