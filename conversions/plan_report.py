"""Result of `leadworth export plan` on the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversions.outbox_status import reason
from conversions.planner import LOOK_BACK
from leadworth.console import console, errors, table

if TYPE_CHECKING:
    from conversions.planned_changes import PlanResult


def print_plan(result: PlanResult, *, dry_run: bool) -> None:
    """Print the events that a plan added, or would add, and what it did not add and why.

    Then changes of consent, and optional fields that will be sent corrected or left out.
    """
    rows = [(*key, f"{events:,}") for key, events in sorted(result.added.items())]
    if rows:
        console.print(table(("platform", "stage", "kind", "events"), rows, right=("events",)))
    console.print(
        f"{result.leads:,} leads of the last {LOOK_BACK.days} days: {result.added.total():,} events "
        f"{'would be ' if dry_run else ''}added; {result.erased:,} leads left out because the person was erased"
    )
    by_reason: dict[tuple[str, str], list[str]] = {}
    for (name, stage, code), leads in sorted(result.unplanned.items()):
        by_reason.setdefault((name, code), []).append(f"{stage} {leads:,}")
    for (name, code), stages in by_reason.items():
        console.print(f"  {name}: not added: {', '.join(stages)}: {reason(code)}", markup=False, soft_wrap=True)
    if result.consents:
        counts = ", ".join(f"{answer} for {leads:,} leads" for answer, leads in sorted(result.consents.items()))
        resumed = f"; {result.resumed:,} events that waited for it are sent" if result.resumed else ""
        console.print(f"Consent columns: newly {counts}{resumed}", soft_wrap=True)
    if result.repairs:
        counts = ", ".join(f"{repair} ({leads:,})" for repair, leads in result.repairs.most_common())
        errors.print(f"optional fields that are sent corrected or left out: {counts}", markup=False, soft_wrap=True)
