"""Registration of a bundle as challenger with the decision of the promotion gate, and its promotion if it passed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.bundle import Bundle
from models.gate_outcome import FAILED, GATE, GATE_CHAMPION, GATE_LINES, GATE_REMEDIES, PASSED
from models.model_registry import CHALLENGER, CHAMPION, ModelRegistry
from models.registry_errors import VersionNotFoundError
from training.backtest import Backtest
from training.evaluation import Evaluation
from training.gate_rules import GateDecision
from training.value_uncertainty import value_intervals

_LONGEST_TAG = 4_900


@dataclass(frozen=True)
class Registration:
    """Version of a registered bundle, whether it was promoted, and the champion at its registration."""

    version: str
    promoted: bool
    before: str | None


def register(
    registry: ModelRegistry,
    folder: Path,
    decision: GateDecision,
    *,
    metrics: Mapping[str, float],
    params: Mapping[str, object],
    tags: Mapping[str, str] | None = None,
    figures: Path | None = None,
    card: str | None = None,
) -> Registration:
    """Register a saved bundle, and promote it if it passed the gate and its champion is still champion.

    Parameters
    ----------
    registry
        Registry of models.
    folder
        Folder of the saved bundle.
    decision
        Decision of the promotion gate.
    metrics, params, tags, figures, card
        Logged with the run; see `ModelRegistry.register`.
    """
    bundle = Bundle.load(folder)
    meta = bundle.meta
    all_tags = {
        **(tags or {}),
        "as_of": meta.as_of.isoformat() if meta.as_of else "",
        "data_fingerprint": meta.data_fingerprint,
        "policy_version": bundle.policy.version,
        "needs": ", ".join(sorted(bundle.spec.needs)),
        GATE: PASSED if decision.promote else FAILED,
        GATE_LINES: "\n".join(decision.reasons)[:_LONGEST_TAG],
        GATE_REMEDIES: "\n".join(decision.remedies)[:_LONGEST_TAG],
        GATE_CHAMPION: decision.champion or "",
    }
    all_params = {"seed": meta.seed, "horizon_days": meta.horizon_days, "currency": meta.currency, **params}
    version = registry.register(folder, metrics=metrics, params=all_params, tags=all_tags, figures=figures, card=card)
    registry.set_alias(CHALLENGER, version)
    champion = champion_of(registry)
    if not decision.promote or champion not in {None, decision.champion}:
        return Registration(version, promoted=False, before=champion)
    return Registration(version, promoted=True, before=registry.promote(version, "passed the gate"))


def champion_of(registry: ModelRegistry) -> str | None:
    """Return the version of the champion, or None where there is none yet."""
    try:
        return registry.resolve(CHAMPION)
    except VersionNotFoundError:
        return None


def backtest_metrics(result: Backtest) -> dict[str, float]:
    """Return predicted over seen wins and money of a backtest with their intervals; those not finite are left out.

    `value_low` and `value_high` are the ends of the 90 % interval of a sum of predicted values, over the sum.
    """
    logged = {"backtest_windows": float(len(result.windows)), "backtest_leads": float(len(result.holdout))}
    for name, level in (("wins", result.wins), ("money", result.money)):
        if name == "wins" or result.holdout.has_money:
            logged[f"backtest_{name}_ratio"] = level.ratio
            logged[f"backtest_{name}_ratio_low"] = level.low
            logged[f"backtest_{name}_ratio_high"] = level.high
            logged[f"backtest_{name}_spread"] = level.spread
    intervals = value_intervals(result)
    if intervals is not None:
        logged["value_low"], logged["value_high"] = intervals.total.low, intervals.total.high
    return {name: value for name, value in logged.items() if math.isfinite(value)}


def metrics_of(evaluation: Evaluation, prefix: str = "") -> dict[str, float]:
    """Return the metrics of an evaluation with the ends of their intervals; those not finite are left out."""
    logged = {"leads": float(evaluation.leads), "wins": float(evaluation.wins)}
    for name, estimate in evaluation.metrics.items():
        logged[name] = estimate.value
        if estimate.interval is not None:
            logged[f"{name}_low"], logged[f"{name}_high"] = estimate.interval
    return {f"{prefix}{name}": value for name, value in logged.items() if math.isfinite(value)}
