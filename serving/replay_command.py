"""`leadworth replay`: compute stored decisions again, and compare them.

Numbers are compared to 12 significant digits: another version of leadworth may add them up in another order.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from leadworth.console import console, table
from leadworth.errors import InputError, LeadworthError
from leadworth.records import Verdict
from leadworth.settings import FILE_NAME, Settings, load_settings

if TYPE_CHECKING:
    from models.bundle import Bundle

SAME, OTHER, OLD, NO_MODEL = "identical", "different", "kept too little", "model not found"
COMPARED = (
    "win_probability",
    "expected_revenue",
    "predicted_value",
    "currency",
    "junk_probability",
    "automation_probability",
    "mql",
)


@dataclass(frozen=True)
class ReplayResult:
    """Result for one decision: a state, and the fields that differ."""

    decision_id: str
    state: str
    differing: tuple[str, ...] = ()


def replay(
    decision: Annotated[str | None, typer.Argument(help="Id of a decision; left out: see the options")] = None,
    lead: Annotated[str | None, typer.Option(help="All decisions about a lead")] = None,
    last: Annotated[int, typer.Option(min=1, help="The newest decisions")] = 1_000,
    every: Annotated[bool, typer.Option("--all", help="All decisions of the store")] = False,
    bundle: Annotated[Path | None, typer.Option(help="Folder of a bundle, instead of those of the registry")] = None,
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file")] = Path(FILE_NAME),
) -> None:
    """Compute decisions again from the decision log; every number, sentence and verdict must be the same.

    The exit code is 1 if a decision differs or its model is not found. Decisions of a version that
    kept no features are counted apart.
    """
    settings = load_settings(config)
    limit = None if decision or lead or every else last
    counts = dict.fromkeys((SAME, OTHER, OLD, NO_MODEL), 0)
    faults: list[list[object]] = []
    with console.status("Replaying") as status, tempfile.TemporaryDirectory(prefix="leadworth-") as scratch:
        models = Models(settings, bundle, Path(scratch))
        for one in replayed(settings, models, decision, lead, limit):
            counts[one.state] += 1
            if one.state in {OTHER, NO_MODEL}:
                faults.append([one.decision_id, one.state, ", ".join(one.differing)])
            if sum(counts.values()) % 500 == 0:
                status.update(f"Replaying: {sum(counts.values()):,} decisions")
    if not sum(counts.values()):
        raise InputError("no such decision is stored", do="see GET /v1/leads, or leave the options out")
    if faults:
        console.print(table(("decision", "state", "fields"), faults[:50]))
    console.print(", ".join(f"{count:,} {state}" for state, count in counts.items() if count))
    if faults:
        raise typer.Exit(1)


class Models:
    """The bundles that decided, fetched once each."""

    def __init__(self, settings: Settings, folder: Path | None, scratch: Path) -> None:
        from models.bundle import Bundle

        self._settings, self._scratch = settings, scratch
        self._given = None if folder is None else Bundle.load(folder)
        self._found: dict[str, Bundle | None] = {}

    def of(self, row: dict[str, Any]) -> Bundle | None:
        """Return the bundle of a decision, or None if it is not available."""
        found = self._given or self._fetched(row["model_version"])
        return found if found is not None and found.id == row["bundle_id"] else None

    def _fetched(self, version: str) -> Bundle | None:
        if version not in self._found:
            from models.bundle import Bundle
            from models.model_registry import ModelRegistry

            try:
                folder = ModelRegistry.of(self._settings).fetch(version, self._scratch)
                self._found[version] = Bundle.load(folder)
            except LeadworthError:
                self._found[version] = None
        return self._found[version]


def replayed(
    settings: Settings, models: Models, decision: str | None, lead: str | None, last: int | None
) -> Iterator[ReplayResult]:
    """Yield the result for each decision, newest first."""
    from store.decision_log import replayable
    from store.engine import open_store

    with open_store(settings) as engine, engine.connect() as connection:
        for row in replayable(connection, decision=decision, lead=lead, last=last):
            yield again(row, models.of(row) if row["vector"] is not None else None)


def again(row: dict[str, Any], bundle: Bundle | None) -> ReplayResult:
    """Compute one decision again with the bundle that made it, and compare.

    Parameters
    ----------
    row
        The decision as stored.
    bundle
        None if the model is not available.
    """
    from models.policy_engine import RuleResults

    if row["vector"] is None:
        return ReplayResult(row["decision_id"], OLD)
    if bundle is None:
        return ReplayResult(row["decision_id"], NO_MODEL)
    vector = np.frombuffer(row["vector"], dtype="<f8").astype(np.float64)
    score, junk = bundle.replay(vector, RuleResults.from_json(row["answers"]), row["age_days"])
    differing = [name for name in COMPARED if not _same(score[name], row[name])]
    differing += [] if _rule_of(score["mql_reason"]) == _rule_of(row["mql_reason"]) else ["mql_reason"]
    differing += [] if _same_reasons(score["reasons"], row["reasons"]) else ["reasons"]
    differing += [] if _same(junk, row["junk_log_odds"]) else ["junk_log_odds"]
    differing += [] if score["verdict"] == row["would_be"] else ["would_be"]
    passed = row["would_be"] == Verdict.REJECT.value and row["verdict"] == Verdict.ACCEPT.value
    differing += [] if passed or row["verdict"] == row["would_be"] else ["verdict"]
    return ReplayResult(row["decision_id"], OTHER if differing else SAME, tuple(differing))


def _rule_of(mql_reason: str) -> str:
    """Return the part that names the rule; its sentence may be worded differently by another version."""
    return mql_reason.partition(":")[0]


def _same_reasons(computed: str, stored: str) -> bool:
    """Compare kinds, codes and contributions, which are rounded to six digits; not the sentences."""
    ours, theirs = json.loads(computed), json.loads(stored)
    return len(ours) == len(theirs) and all(
        (one["kind"], one["code"]) == (other["kind"], other["code"])
        and math.isclose(one["contribution"] or 0.0, other["contribution"] or 0.0, rel_tol=0.0, abs_tol=2e-6)
        for one, other in zip(ours, theirs, strict=True)
    )


def _same(computed: Any, stored: Any) -> bool:
    """Compare texts and flags exactly, numbers to 12 significant digits."""
    if isinstance(computed, float) and isinstance(stored, float):
        return math.isclose(computed, stored, rel_tol=1e-12)
    return bool(computed == stored)
