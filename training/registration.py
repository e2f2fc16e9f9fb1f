"""Register a bundle as challenger, with the gate's decision, and promote it where the gate lets it pass."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.bundle import Bundle
from models.registry import CHALLENGER, CHAMPION, AbsentError, Registry
from training.evaluation import Evaluation, Figure
from training.promotion_gate import GateDecision

GATE, GATE_LINES, GATE_CHAMPION = "gate", "gate_lines", "gate_champion"
PASSED, FAILED = "passed", "failed"
_LONGEST_TAG = 4_900


@dataclass(frozen=True)
class Registration:
    """What became of a bundle in the registry."""

    version: str
    promoted: bool
    before: str | None


def register(
    registry: Registry,
    folder: Path,
    decision: GateDecision,
    *,
    metrics: Mapping[str, float],
    params: Mapping[str, object],
    tags: Mapping[str, str] | None = None,
    figures: Path | None = None,
    card: str | None = None,
) -> Registration:
    """Register a saved bundle and promote it if the gate says so.

    Parameters
    ----------
    registry
        Where.
    folder
        Where the bundle was saved.
    decision
        Of the gate.
    metrics, params, tags, figures, card
        To log with the run; see `Registry.register`.
    """
    champion = champion_of(registry)
    bundle = Bundle.load(folder)
    meta = bundle.meta
    labels = {
        **(tags or {}),
        "as_of": meta.as_of.isoformat() if meta.as_of else "",
        "data_fingerprint": meta.data_fingerprint,
        "policy_version": bundle.policy.version,
        GATE: PASSED if decision.promote else FAILED,
        GATE_LINES: "\n".join(decision.reasons)[:_LONGEST_TAG],
        GATE_CHAMPION: champion or "",
    }
    known = {"seed": meta.seed, "horizon_days": meta.horizon_days, "currency": meta.currency}
    version = registry.register(
        folder, metrics=metrics, params={**known, **params}, tags=labels, figures=figures, card=card
    )
    registry.set_alias(CHALLENGER, version)
    if not decision.promote:
        return Registration(version, promoted=False, before=champion)
    return Registration(version, promoted=True, before=registry.promote(version, "passed the gate"))


def champion_of(registry: Registry) -> str | None:
    """Return the version of the champion, or None where there is none yet."""
    try:
        return registry.resolve(CHAMPION)
    except AbsentError:
        return None


def metrics_of(evaluation: Evaluation, prefix: str = "") -> dict[str, float]:
    """Return the headline figures of an evaluation as metrics, with the ends of their intervals.

    Figures that are not finite are left out.
    """
    figures: dict[str, Figure] = {
        "auc": evaluation.auc,
        "log_loss": evaluation.log_loss,
        "top10": evaluation.top10,
        "top20": evaluation.top20,
        "wins_ratio": evaluation.wins_ratio,
        "money_ratio": evaluation.money_ratio,
    }
    found = {"leads": float(evaluation.leads), "wins": float(evaluation.wins)}
    for name, figure in figures.items():
        found |= {name: figure.value, f"{name}_low": figure.interval[0], f"{name}_high": figure.interval[1]}
    return {f"{prefix}{name}": value for name, value in found.items() if math.isfinite(value)}
