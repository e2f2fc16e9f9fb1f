"""Nightly export of a replayed business: plan and send with the clock of the replayed day, to local peers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conversions.export_context import open_export
from conversions.export_worker import ExportWorker
from conversions.plan_inputs import ScoredLeads, read_plan_inputs
from conversions.planned_changes import PlanResult
from conversions.planner import plan
from conversions.reconciliation import ask_for_status
from conversions.sandbox.peer_servers import Sandbox
from store.retention import delete_expired

if TYPE_CHECKING:
    from models.bundle import Bundle

REQUESTS_PER_MINUTE = 60_000
"""A replayed day takes less than a second of the machine's time."""
Sections = Mapping[str, Mapping[str, Any]]


def sandbox_sections(sandbox: Sandbox, actions: Mapping[str, Sequence[str]], changes: Sections) -> str:
    """Return `[export]` with a section for each platform, which sends to a local peer.

    Parameters
    ----------
    sandbox
        Running peers.
    actions
        Platform -> stages that it is sent.
    changes
        Platform, or "" for `[export]` itself -> settings.
    """
    lines = ["[export]", *(f"{name} = {json.dumps(value)}" for name, value in changes.get("", {}).items())]
    for name, stages in actions.items():
        section = {
            **sandbox.peers[name].settings(),
            "requests_per_minute": REQUESTS_PER_MINUTE,
            **changes.get(name, {}),
        }
        section["actions"] = {stage: str(101 + number) for number, stage in enumerate(stages)}
        lines += ["", f"[export.{name}]"]
        lines += [f"{key} = {_toml(value)}" for key, value in section.items()]
    return "\n".join([*lines, ""])


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    return json.dumps(value)


def export_day(config: Path, bundle: Bundle, scored: ScoredLeads, now: datetime) -> PlanResult:
    """Plan and send as `leadworth export plan` and `leadworth export run` do, at the time `now`.

    Parameters
    ----------
    config
        Settings file.
    bundle
        The champion.
    scored
        Scores of the days before; those of new leads are added.
    now
        Timezone-aware time that counts as now.
    """
    with open_export(config) as export:
        inputs = read_plan_inputs(export.settings, bundle, export.engine, as_of=now, scored=scored)
        result = plan(export.settings, inputs, export.writer, export.engine, lambda _: None, clock=lambda: now)
        for destination in export.destinations.values():
            worker = ExportWorker(export.engine, destination, export.settings, export.cipher, clock=lambda: now)
            while worker.work():
                pass
            ask_for_status(export.engine, destination, now)
        delete_expired(export.engine, export.settings.retention, now, lead_digest=export.cipher.lead_digest)
    return result
