"""May the challenger become champion? Decided forward in time, on the same later leads for everyone.

The rules, each printed as a line with its figures:

1. Its log loss (of the wins seen so far, see `training.evaluation`) is clearly below that of the average
   lead, and below that of every other baseline or not to be told from it: where nothing is late, a
   baseline can be the very same model.
2. The revenue in its top 20 % of leads by value is not clearly below that of any baseline.
3. With a champion: its log loss is below the champion's, in at least 90 % of the resamples; only leads
   count that the champion was not trained on.
4. With a champion: the revenue in the top 20 % is not clearly below the champion's, overall, and
   no channel with 25 wins falls clearly by more than 10 %.

"Clearly" means in at least 90 % of 500 paired resamples of the leads against the champion, and in 99 %
against each of the eight baselines, so that chance alone stops a good model in fewer than one of ten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Flags, Vector
from training.evaluation import Forecast, log_losses
from training.holdout import Holdout

CERTAINTY = 0.9
AMONG_BASELINES = 0.99
AVERAGE = "average lead"
CHANNEL_WINS = 25
CHANNEL_FALL = 0.10
ENOUGH_WINS = 10
RESAMPLES = 500
TOP = 0.2


@dataclass(frozen=True)
class GateRule:
    """One rule and how it came out."""

    passed: bool
    text: str

    def __str__(self) -> str:
        return f"{'pass' if self.passed else 'FAIL'}  {self.text}"


@dataclass(frozen=True)
class GateDecision:
    """Whether to promote, and why, line by line."""

    lines: tuple[GateRule, ...]

    @property
    def promote(self) -> bool:
        """True where every line passed."""
        return all(line.passed for line in self.lines)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The lines as text."""
        return tuple(map(str, self.lines))


def decide(
    later: Holdout,
    challenger: Forecast,
    baselines: Mapping[str, Forecast],
    champion: Forecast | None = None,
    *,
    unseen: Flags | None = None,
    seed: int = 7,
) -> GateDecision:
    """Decide on later leads.

    Parameters
    ----------
    later
        The leads and what became of them, n of them.
    challenger, champion
        What each says of these leads; no champion for a first model.
    baselines
        By name; all must be beaten.
    unseen
        Leads that the champion was not trained on, shape (n,); None: all.
    seed
        Of the resamples.
    """
    wins = int(later.won.sum())
    if wins < ENOUGH_WINS:
        return without_evidence(has_champion=champion is not None, wins=wins)
    judge = _GateEvaluator(later, seed)
    lines = [line for name, other in baselines.items() for line in judge.baseline(challenger, name, other)]
    if champion is not None:
        lines.extend(judge.champion(challenger, champion, np.ones(len(later), bool) if unseen is None else unseen))
    return GateDecision(tuple(lines))


def without_evidence(*, has_champion: bool, wins: int = 0) -> GateDecision:
    """Decide where too few later leads or wins are there to judge.

    A first model is let through, so that rules and the junk model can work; a champion stays.

    Examples
    --------
    >>> without_evidence(has_champion=True).promote, without_evidence(has_champion=False).promote
    (False, True)
    """
    few = f"{wins} wins among the later leads, {ENOUGH_WINS} are needed to judge"
    if has_champion:
        return GateDecision((GateRule(False, f"{few}; the champion stays"),))
    return GateDecision((GateRule(True, f"{few}; there is no champion, so this model takes the place unjudged"),))


class _GateEvaluator:
    """Paired comparisons on resamples of the same leads."""

    def __init__(self, later: Holdout, seed: int) -> None:
        self.later = later
        self.counts = np.random.default_rng(seed).poisson(1.0, (RESAMPLES, len(later))).astype(np.float64)

    def baseline(self, challenger: Forecast, name: str, other: Forecast) -> Iterator[GateRule]:
        everyone = np.ones(len(self.later), bool)
        text, _, certainty = self._loss(challenger, other, everyone)
        needed = AMONG_BASELINES if name == AVERAGE else 1.0 - AMONG_BASELINES
        yield GateRule(certainty >= needed, f"log loss against {name}: {text}")
        text, _, worse = self._value(challenger, other, everyone, 0.0, AMONG_BASELINES)
        yield GateRule(not worse, f"revenue in the top 20 % against {name}: {text}")

    def champion(self, challenger: Forecast, champion: Forecast, unseen: Flags) -> Iterator[GateRule]:
        wins = int(self.later.won[unseen].sum())
        if wins < ENOUGH_WINS:
            yield GateRule(
                False,
                f"only {wins} wins among the {int(unseen.sum()):,} later leads that the champion was not trained on; "
                f"{ENOUGH_WINS} are needed to compare",
            )
            return
        text, difference, certainty = self._loss(challenger, champion, unseen)
        yield GateRule(difference < 0 and certainty >= CERTAINTY, f"log loss against the champion: {text}")
        text, _, worse = self._value(challenger, champion, unseen, 0.0)
        yield GateRule(not worse, f"revenue in the top 20 % against the champion: {text}")
        for channel in sorted(set(self.later.channel[unseen].tolist())):
            inside = unseen & (self.later.channel == channel)
            wins = int(self.later.won[inside].sum())
            if wins >= CHANNEL_WINS:
                text, _, worse = self._value(challenger, champion, inside, CHANNEL_FALL)
                yield GateRule(not worse, f"channel {channel}, revenue in its top 20 %: {text}")
            else:
                yield GateRule(True, f"channel {channel}: {wins} wins, too few to judge")

    def _loss(self, first: Forecast, second: Forecast, inside: Flags) -> tuple[str, float, float]:
        """Compare log losses: text, difference of the means, share of resamples with the first better (ties half)."""
        ours, theirs = log_losses(first, self.later)[inside], log_losses(second, self.later)[inside]
        counts = self.counts[:, inside]
        resampled = counts @ (ours - theirs) / np.maximum(counts.sum(axis=1), 1.0)
        difference, (low, high) = float((ours - theirs).mean()), np.quantile(resampled, [0.025, 0.975])
        certainty = float((resampled < 0).mean() + (resampled == 0).mean() / 2)
        text = f"{ours.mean():.4f} against {theirs.mean():.4f}, difference {difference:+.4f} [{low:+.4f}, {high:+.4f}]"
        return f"{text}, better in {certainty:.0%} of resamples", difference, certainty

    def _value(
        self, first: Forecast, second: Forecast, inside: Flags, fall: float, clearly: float = CERTAINTY
    ) -> tuple[str, float, bool]:
        """Compare revenue captured: text, ratio, whether the first is clearly lower by more than `fall`."""
        revenue, counts = self.later.revenue[inside], self.counts[:, inside]
        total = revenue.sum()
        if not total > 0:
            return "no revenue seen yet", 1.0, False
        ours, theirs = (in_top(forecast.value[inside], TOP) * revenue for forecast in (first, second))
        ratio = float(ours.sum() / theirs.sum()) if theirs.sum() > 0 else 1.0
        certainty = float((counts @ ours < (1.0 - fall) * (counts @ theirs)).mean())
        text = f"{ours.sum() / total:.1%} against {theirs.sum() / total:.1%}"
        worse = ratio < 1.0 - fall and certainty >= clearly
        limit = f"more than {fall:.0%} lower" if fall else "lower"
        return f"{text}, {limit} in {certainty:.0%} of resamples", ratio, worse


def in_top(value: Vector, share: float) -> Vector:
    """Return how much of each lead is in the top share by value, shape (n,); ties share alike.

    Examples
    --------
    >>> in_top(np.array([5.0, 1.0, 1.0, 1.0, 1.0]), 0.4).tolist()
    [1.0, 0.25, 0.25, 0.25, 0.25]
    """
    order = np.argsort(-value, kind="stable")
    _, group = np.unique(-value[order], return_inverse=True)
    taken = np.clip(share * len(value) - np.arange(len(value)), 0.0, 1.0)
    result = np.empty(len(value))
    result[order] = (np.bincount(group, weights=taken) / np.bincount(group))[group]
    return result
