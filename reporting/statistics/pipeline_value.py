"""Weighted pipeline: open deals by the win probabilities of our own stages, not by those that a CRM has by default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MINIMUM_EXITS = 10
"""Deals won or lost after a stage below which it has no probability of its own."""
STAGES = ("sql", "quoted")


def stage_probabilities(complete: Mapping[str, int]) -> dict[str, float]:
    """Return the probability that a deal that reached a stage is won; a stage with fewer than ten exits has none.

    With all outcomes in, the estimate of Aalen and Johansen is the plain share of the deals that were won, with
    losses and deals without an end among the others.

    Parameters
    ----------
    complete
        Sums over the leads of cohorts whose outcomes have come: leads that reached each stage, `won` and `lost`.

    Examples
    --------
    >>> stage_probabilities({"sql": 40, "quoted": 16, "won": 8, "lost": 30})
    {'sql': 0.2, 'quoted': 0.5}
    """
    won, ended = complete.get("won", 0), complete.get("won", 0) + complete.get("lost", 0)
    if ended < MINIMUM_EXITS:
        return {}
    return {stage: min(won / complete[stage], 1.0) for stage in STAGES if complete.get(stage, 0) >= MINIMUM_EXITS}


def weighted_pipeline(
    values: Sequence[float], stages: Sequence[str], probabilities: Mapping[str, float]
) -> tuple[float, int]:
    """Return the sum of value x probability, and the deals whose stage has no probability, which are left out.

    Examples
    --------
    >>> weighted_pipeline([10_000, 40_000, 5_000], ["demo", "offer", "legal"], {"demo": 0.2, "offer": 0.5})
    (22000.0, 1)
    """
    weighted = [
        value * probabilities[stage] for value, stage in zip(values, stages, strict=True) if stage in probabilities
    ]
    return float(sum(weighted)), len(values) - len(weighted)
