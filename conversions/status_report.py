"""Status of the outbox as JSON values, or as tables on the console."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from conversions.outbox_status import reason
from leadworth.console import console, errors, table

if TYPE_CHECKING:
    from conversions.outbox_status import OutboxStatus

STATE_GROUPS = {
    "accepted": ("accepted", "duplicate"),
    "waiting": ("pending", "retry"),
    "rejected": ("rejected", "expired"),
    "uncertain": ("uncertain",),
    "suppressed": ("suppressed",),
}
"""Column -> states that it counts."""


def status_as_json(status: OutboxStatus) -> dict[str, Any]:
    """Return the status as JSON values; `alarms` holds the differences above the tolerance."""
    return {
        "platforms": [asdict(platform) for platform in status.platforms],
        "reasons": [
            {"platform": platform, "state": state, "code": code, "events": events}
            for (platform, state, code), events in status.reasons.items()
        ],
        "repairs": [
            {"platform": platform, "repair": repair, "events": events}
            for (platform, repair), events in sorted(status.repairs.items())
        ],
        "alarms": [asdict(difference) for difference in status.differences if difference.alarming],
    }


def print_status(status: OutboxStatus, currency: str, destinations: Collection[str]) -> None:
    """Print tables of the status; what keeps events waiting, and alarms, go to stderr.

    Parameters
    ----------
    status
        Status of the outbox.
    currency
        That of the settings.
    destinations
        Platforms of the settings.
    """
    rows = [
        (
            platform.destination,
            *(f"{sum(platform.states.get(state, 0) for state in group):,}" for group in STATE_GROUPS.values()),
            f"{platform.sent_value:,.0f}",
        )
        for platform in status.platforms
    ]
    headings = ("platform", *STATE_GROUPS, f"sent value, {currency}")
    console.print(table(headings, rows, right=headings[1:]))
    for platform in status.platforms:
        name = platform.destination
        if platform.accepted:
            _print(f"  {name}: {platform.processed:,} of {platform.accepted:,} events with a status were processed")
        if platform.surplus:
            _print(f"  {name}: {platform.surplus:,.0f} {currency} more was sent than leads were worth in the end")
        waiting = sum(platform.states.get(state, 0) for state in STATE_GROUPS["waiting"])
        if waiting and name not in destinations:
            text = f"{name}: {waiting:,} events wait, and nothing sends them: [export.{name}] is not set up"
            errors.print(text, markup=False, soft_wrap=True)
        if platform.closed_until:
            text = f"{name}: circuit breaker open until {platform.closed_until[:16]} UTC: {platform.why}"
            errors.print(text, markup=False, soft_wrap=True)
    for (name, state, code), events in sorted(status.reasons.items(), key=lambda item: -item[1]):
        _print(f"  {name}: {events:,} {state}: {reason(code)}")
    for (name, repair), events in sorted(status.repairs.items()):
        _print(f"  {name}: {events:,} with an optional field repaired: {repair}")
    for alarm in status.differences:
        if alarm.alarming:
            text = (
                f"ALARM: {alarm.destination} {alarm.what} {alarm.counted:,} of {alarm.accepted:,} events that it "
                f"accepted over 72 hours ago ({alarm.share:.0%} differ)"
            )
            errors.print(text, markup=False, soft_wrap=True)


def _print(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)
