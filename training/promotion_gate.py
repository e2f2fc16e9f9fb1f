"""Promotion gate: rules that a challenger must pass on the holdout to replace the champion.

The rules, each printed as a line with its numbers:

1. The log loss of the challenger (for the wins visible so far, see `training.evaluation_metrics`) is clearly below that
   of the average lead, and not clearly above that of any other baseline: where no outcome is late, a
   baseline can be the same model.
2. The revenue in its top 20 % of leads by value is not clearly below that of any baseline.
3. With a champion: its log loss is below the champion's in at least 90 % of the resamples. Only leads that
   the champion was not trained on are used.
4. With a champion: the revenue in the top 20 % is not clearly below the champion's, and in no channel with
   at least 25 wins clearly lower by more than 10 %.
5. No input that the history has is always missing when leads are scored (`training.served_skew`).

"Clearly" means in at least 90 % of 500 paired resamples of the leads against the champion, and in 99 %
against each of the eight baselines, so that random variation stops a good model in fewer than one of ten
trainings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Flags, Vector
from training.evaluation_metrics import log_losses
from training.forecast import Forecast
from training.holdout import Holdout

CERTAINTY = 0.9
BASELINE_CERTAINTY = 0.99
AVERAGE = "average lead"
CHANNEL_WINS = 25
CHANNEL_TOLERANCE = 0.10
MINIMUM_WINS = 10
RESAMPLES = 500
TOP = 0.2


@dataclass(frozen=True)
class GateRule:
    """Result of one rule."""

    passed: bool
    text: str

    def __str__(self) -> str:
        return f"{'pass' if self.passed else 'FAIL'}  {self.text}"


@dataclass(frozen=True)
class GateDecision:
    """Results of all rules."""

    lines: tuple[GateRule, ...]

    @property
    def promote(self) -> bool:
        """Whether every rule passed."""
        return all(line.passed for line in self.lines)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The lines as text."""
        return tuple(map(str, self.lines))


def decide(
    holdout: Holdout,
    challenger: Forecast,
    baselines: Mapping[str, Forecast],
    champion: Forecast | None = None,
    *,
    unseen: Flags | None = None,
    seed: int = 7,
) -> GateDecision:
    """Decide whether to promote the challenger.

    Parameters
    ----------
    holdout
        n leads with their outcomes.
    challenger, champion
        Forecasts for these leads; no champion for a first model.
    baselines
        Forecasts of the baselines, by name.
    unseen
        Leads that the champion was not trained on, shape (n,); None: all.
    seed
        Seed of the resamples.
    """
    wins = int(holdout.won.sum())
    if wins < MINIMUM_WINS:
        return without_evidence(has_champion=champion is not None, wins=wins)
    comparison = _PairedComparison(holdout, seed)
    rules = [rule for name, forecast in baselines.items() for rule in comparison.baseline(challenger, name, forecast)]
    if champion is not None:
        unseen = np.ones(len(holdout), bool) if unseen is None else unseen
        rules.extend(comparison.champion(challenger, champion, unseen))
    return GateDecision(tuple(rules))


def without_evidence(*, has_champion: bool, wins: int = 0) -> GateDecision:
    """Decide where the holdout has too few leads or wins for an evaluation.

    A first model is promoted, so that rules and the junk model can work; a champion stays.

    Examples
    --------
    >>> without_evidence(has_champion=True).promote, without_evidence(has_champion=False).promote
    (False, True)
    """
    few = f"{wins} wins in the holdout, {MINIMUM_WINS} are needed for an evaluation"
    if has_champion:
        return GateDecision((GateRule(False, f"{few}; the champion stays"),))
    return GateDecision((GateRule(True, f"{few}; there is no champion, so this model is promoted without evaluation"),))


def with_inputs(decision: GateDecision, unserved: Sequence[str]) -> GateDecision:
    """Add the rule on inputs to a decision.

    Parameters
    ----------
    decision
        Decision by the other rules.
    unserved
        A sentence for each input that the history has and that is always missing when leads are scored.

    Examples
    --------
    >>> decision = without_evidence(has_champion=False)
    >>> with_inputs(decision, []).promote, with_inputs(decision, ["phone is missing ..."]).promote
    (True, False)
    """
    stops = [GateRule(False, sentence) for sentence in unserved]
    passed = GateRule(True, "no input that the history has is always missing when leads are scored")
    return GateDecision((*decision.lines, *(stops or [passed])))


class _PairedComparison:
    """Paired comparisons of forecasts on resamples of the same leads."""

    def __init__(self, holdout: Holdout, seed: int) -> None:
        self.holdout = holdout
        self.resamples = np.random.default_rng(seed).poisson(1.0, (RESAMPLES, len(holdout))).astype(np.float64)

    def baseline(self, challenger: Forecast, name: str, baseline: Forecast) -> Iterator[GateRule]:
        all_leads = np.ones(len(self.holdout), bool)
        text, _, certainty = self._loss(challenger, baseline, all_leads)
        needed = BASELINE_CERTAINTY if name == AVERAGE else 1.0 - BASELINE_CERTAINTY
        yield GateRule(certainty >= needed, f"log loss against {name}: {text}")
        text, worse = self._revenue(challenger, baseline, all_leads, certainty=BASELINE_CERTAINTY)
        yield GateRule(not worse, f"revenue in the top 20 % against {name}: {text}")

    def champion(self, challenger: Forecast, champion: Forecast, unseen: Flags) -> Iterator[GateRule]:
        wins = int(self.holdout.won[unseen].sum())
        if wins < MINIMUM_WINS:
            yield GateRule(
                False,
                f"only {wins} wins among the {int(unseen.sum()):,} leads of the holdout that the champion was not "
                f"trained on; {MINIMUM_WINS} are needed to compare",
            )
            return
        text, difference, certainty = self._loss(challenger, champion, unseen)
        yield GateRule(difference < 0 and certainty >= CERTAINTY, f"log loss against the champion: {text}")
        text, worse = self._revenue(challenger, champion, unseen)
        yield GateRule(not worse, f"revenue in the top 20 % against the champion: {text}")
        for channel in sorted(set(self.holdout.channel[unseen].tolist())):
            inside = unseen & (self.holdout.channel == channel)
            wins = int(self.holdout.won[inside].sum())
            if wins >= CHANNEL_WINS:
                text, worse = self._revenue(challenger, champion, inside, tolerance=CHANNEL_TOLERANCE)
                yield GateRule(not worse, f"channel {channel}, revenue in its top 20 %: {text}")
            else:
                yield GateRule(True, f"channel {channel}: {wins} wins, too few to compare")

    def _loss(self, first: Forecast, second: Forecast, inside: Flags) -> tuple[str, float, float]:
        """Compare log losses.

        Returns
        -------
        tuple of str, float and float
            Text, difference of the means, and share of the resamples in which the first is better (ties half).
        """
        first_losses = log_losses(first, self.holdout)[inside]
        second_losses = log_losses(second, self.holdout)[inside]
        resamples = self.resamples[:, inside]
        resampled = resamples @ (first_losses - second_losses) / np.maximum(resamples.sum(axis=1), 1.0)
        difference = float((first_losses - second_losses).mean())
        low, high = np.quantile(resampled, [0.025, 0.975])
        certainty = float((resampled < 0).mean() + (resampled == 0).mean() / 2)
        text = (
            f"{first_losses.mean():.4f} against {second_losses.mean():.4f}, "
            f"difference {difference:+.4f} [{low:+.4f}, {high:+.4f}], better in {certainty:.0%} of resamples"
        )
        return text, difference, certainty

    def _revenue(
        self, first: Forecast, second: Forecast, inside: Flags, *, tolerance: float = 0.0, certainty: float = CERTAINTY
    ) -> tuple[str, bool]:
        """Compare the revenue in the top 20 %.

        Returns
        -------
        tuple of str and bool
            Text, and whether the first is clearly lower by more than the tolerance.
        """
        revenue, resamples = self.holdout.revenue[inside], self.resamples[:, inside]
        total = revenue.sum()
        if not total > 0:
            return "no revenue so far", False
        first_top, second_top = (share_in_top(forecast.value[inside], TOP) * revenue for forecast in (first, second))
        ratio = float(first_top.sum() / second_top.sum()) if second_top.sum() > 0 else 1.0
        lower = float((resamples @ first_top < (1.0 - tolerance) * (resamples @ second_top)).mean())
        limit = f"more than {tolerance:.0%} lower" if tolerance else "lower"
        text = (
            f"{first_top.sum() / total:.1%} against {second_top.sum() / total:.1%}, {limit} in {lower:.0%} of resamples"
        )
        return text, ratio < 1.0 - tolerance and lower >= certainty


def share_in_top(value: Vector, share: float) -> Vector:
    """Return the fraction of each lead in the top share by value, shape (n,); ties get equal fractions.

    Examples
    --------
    >>> share_in_top(np.array([5.0, 1.0, 1.0, 1.0, 1.0]), 0.4).tolist()
    [1.0, 0.25, 0.25, 0.25, 0.25]
    """
    order = np.argsort(-value, kind="stable")
    _, group = np.unique(-value[order], return_inverse=True)
    fraction = np.clip(share * len(value) - np.arange(len(value)), 0.0, 1.0)
    result = np.empty(len(value))
    result[order] = (np.bincount(group, weights=fraction) / np.bincount(group))[group]
    return result
