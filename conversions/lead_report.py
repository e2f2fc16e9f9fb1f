"""Events of one lead on the console, and why it has no others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conversions.consent_evidence import describe_evidence
from leadworth.console import console, table


def print_events(events: Sequence[dict[str, Any]]) -> None:
    """Print the events of a lead as `conversions.outbox_status.timeline` returns them."""
    columns = ("destination", "stage", "version", "kind", "value")
    rows = [
        (row["created_at"][:16], *(row[name] for name in columns), row["sent_value"] or "-", row["state"], row["why"])
        for row in events
    ]
    headings = ("added (UTC)", "platform", "stage", "version", "kind", "value", "sent value", "state", "why")
    console.print(table(headings, rows, right=("version", "value", "sent value")))
    for row in events:
        name = f"{row['destination']}, {row['stage']} {row['version']}"
        for text in (*describe_evidence(row["consent"]), *([f"repaired: {row['repairs']}"] if row["repairs"] else [])):
            console.print(f"  {name}: {text}", markup=False, soft_wrap=True)
    console.print(f"Transactions: {', '.join(sorted({row['transaction_id'] for row in events}))}", soft_wrap=True)


def print_unplanned(stages: Sequence[tuple[str, str, str]]) -> None:
    """Print (platform, stage, why) of the stages without an event, one line a platform and reason."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for name, stage, why in stages:
        by_reason.setdefault((name, why), []).append(stage)
    if by_reason:
        console.print("No event:")
    for (name, why), of_platform in by_reason.items():
        console.print(f"  {name}, {', '.join(of_platform)}: {why}", markup=False, soft_wrap=True)
