"""Promotion gate: rules that a challenger must pass to become champion.

The rules, each printed as one sentence with its numbers:

1. Parity: `leadworth score` gives the evaluated leads the value that was evaluated (`training.gate_rules`).
2. Ranking: the interval of the AUC on later leads is above chance, and not implausibly near 1.
3. Level: predicted over seen wins, and money, of all periods of the backtest; it fails if the whole interval is outside
   0.85 to 1.15. A single period and a concentration of the revenue only warn.
4. Baselines: neither the AUC nor the revenue in the top 20 % is clearly and notably below that of a simple method.
   Their log loss is not compared: where outcomes are late it is smallest for a forecast that is too low.
5. With a champion: the log loss is below the champion's, the revenue in the top 20 % is not clearly below the
   champion's, and in no channel with at least 25 wins clearly lower by more than 10 %. Only leads submitted after the
   champion's snapshot are used (`NewLeads`).
6. No input that the history has is always missing when leads are scored (`training.served_skew`).

Without enough wins for an evaluation no model is promoted, the first one included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from leadworth.arrays import Flags, Vector
from training.backtest import Backtest
from training.evaluation_metrics import auc, log_losses, share_in_top
from training.few_wins import MINIMUM_WINS
from training.forecast import Forecast
from training.gate_rules import (
    GateDecision,
    GateRule,
    concentration_rule,
    level_rules,
    parity_rule,
    ranking_rule,
    window_warnings,
)
from training.holdout import Holdout
from training.level import ForecastLevel
from training.remedies import DATE_WINS
from training.resamples import Resamples
from training.served_path import Parity

CERTAINTY = 0.9
CHAMPION_CERTAINTY = 0.5
"""Share of the resamples in which a challenger must be better. It knows the latest market, so better by a little is
enough; the other rules stop one that is clearly worse."""
BASELINE_CERTAINTY = 0.99
AUC_TOLERANCE = 0.02
TOP_TOLERANCE = 0.1
CHANNEL_WINS = 25
CHANNEL_TOLERANCE = 0.10
RESAMPLES = 500
TOP = 0.2
LONGER = "export a longer period"


@dataclass(frozen=True)
class GateEvidence:
    """What the gate decides by.

    Attributes
    ----------
    holdout
        n later leads with their outcomes.
    challenger, baselines
        Forecasts for these leads.
    wins, money
        Level of the challenger.
    basis
        What the level was measured on.
    parity
        Value of the evaluated leads as users are served.
    backtest
        Its periods are looked at one by one; None where there is none.
    revenue
        Revenue of the wins of the whole history.
    undated
        Whether most wins have no date.
    strongest
        Input that the challenger depends on most; empty if it is not known.
    """

    holdout: Holdout
    challenger: Forecast
    wins: ForecastLevel
    money: ForecastLevel
    basis: str = "later leads"
    baselines: Mapping[str, Forecast] = field(default_factory=dict)
    parity: Parity | None = None
    backtest: Backtest | None = None
    revenue: Vector = field(default_factory=lambda: np.zeros(0))
    undated: bool = False
    strongest: str = ""


@dataclass(frozen=True)
class NewLeads:
    """Leads submitted after the champion's snapshot, with both forecasts.

    Attributes
    ----------
    holdout
        n leads with their outcomes.
    challenger
        Forecast of models that were trained as the challenger is, with what was known before these leads came. The
        challenger itself knows their outcomes; a model that knows less than the champion did would lose to it.
    champion
        Forecast of the champion.
    """

    holdout: Holdout
    challenger: Forecast
    champion: Forecast


def decide(evidence: GateEvidence, new: NewLeads | None = None, *, seed: int = 7) -> GateDecision:
    """Decide whether to promote the challenger.

    Parameters
    ----------
    evidence
        Evaluation of the challenger, on at least 10 wins.
    new
        Comparison with the champion; None for a first model.
    seed
        Seed of the resamples.
    """
    holdout, challenger = evidence.holdout, evidence.challenger
    rules = [] if evidence.parity is None else [parity_rule(evidence.parity)]
    do = f"{DATE_WINS}, or {LONGER}" if evidence.undated else LONGER
    rules.append(ranking_rule(holdout, challenger, evidence.baselines, do=do, strongest=evidence.strongest, seed=seed))
    rules.extend(level_rules(evidence.wins, evidence.money if holdout.has_money else None, evidence.basis))
    comparison = _PairedComparison(holdout, seed)
    rules.extend(comparison.baselines(challenger, evidence.baselines, do))
    if new is not None:
        rules.extend(_PairedComparison(new.holdout, seed).champion(new.challenger, new.champion))
    rules.extend(concentration_rule(evidence.revenue))
    if evidence.backtest is not None:
        rules.extend(window_warnings(evidence.backtest))
    return GateDecision(tuple(rules))


def without_evidence(sentence: str, do: str) -> GateDecision:
    """Decide where there are too few leads or wins for an evaluation: nothing is promoted.

    Parameters
    ----------
    sentence
        What is missing, such as `training.few_wins.promise`.
    do
        What to do.
    """
    return GateDecision((GateRule(False, sentence, "evidence", do=do),))


def with_inputs(decision: GateDecision, unserved: Sequence[tuple[str, str]]) -> GateDecision:
    """Add the rule on inputs to a decision.

    Parameters
    ----------
    decision
        Decision by the other rules.
    unserved
        A sentence for each input that the history has and that is always missing when leads are scored, and what to do.

    Examples
    --------
    >>> passed = GateDecision(())
    >>> with_inputs(passed, []).promote, with_inputs(passed, [("phone is missing ...", "map phone")]).promote
    (True, False)
    """
    stops = [GateRule(False, sentence, "inputs", do=remedy) for sentence, remedy in unserved]
    passed = GateRule(True, "no input that the history has is always missing when leads are scored", "inputs")
    return GateDecision((*decision.lines, *(stops or [passed])))


class _PairedComparison:
    """Paired comparisons of forecasts on resamples of the same leads."""

    def __init__(self, holdout: Holdout, seed: int) -> None:
        self.holdout = holdout
        self.resamples = Resamples.draw(len(holdout), seed, RESAMPLES)

    def baselines(self, challenger: Forecast, baselines: Mapping[str, Forecast], do: str) -> Iterator[GateRule]:
        """Compare the ranking with that of every baseline; one rule for the AUC, one for the revenue at the top.

        `do` is what to do where a baseline is clearly better.
        """
        if not baselines:
            return
        areas = {name: self._areas(forecast) for name, forecast in baselines.items()}
        own = self._areas(challenger)
        worse = {name: float((own < area - AUC_TOLERANCE).mean()) for name, area in areas.items()}
        best = max(areas, key=lambda name: float(np.nanmean(areas[name])))
        failed = [name for name, share in worse.items() if share >= BASELINE_CERTAINTY]
        text = f"AUC {np.nanmean(own):.3f}; best of {len(areas)} simple methods {np.nanmean(areas[best]):.3f} ({best})"
        if failed:
            text = f"{', '.join(failed)} ranks clearly better: {text}"
        yield GateRule(not failed, text, "baselines, AUC", do=do if failed else "")
        failed, least = [], 1.0
        for name, forecast in baselines.items():
            _, lower, share = self._revenue(
                challenger,
                forecast,
                np.ones(len(self.holdout), bool),
                tolerance=TOP_TOLERANCE,
                certainty=BASELINE_CERTAINTY,
            )
            least = min(least, share)
            if lower:
                failed.append(name)
        text = f"revenue in the top 20 % at least {least:.0%} of that of each simple method"
        if least < 1.0 - TOP_TOLERANCE and not failed:
            wins = int(self.holdout.won.sum())
            text = f"{text}; with {wins:,} wins it is not certain that a simple method finds more"
        if failed:
            text = f"{', '.join(failed)} finds clearly more revenue: {text}"
        yield GateRule(not failed, text, "baselines, revenue", do=do if failed else "")

    def champion(self, challenger: Forecast, champion: Forecast) -> Iterator[GateRule]:
        """Compare with the champion: log loss, revenue at the top, revenue at the top of each channel."""
        wins = int(self.holdout.won.sum())
        if wins < MINIMUM_WINS:
            yield GateRule(
                False,
                f"too few new wins to compare with the champion: {wins} among the {len(self.holdout):,} leads "
                f"submitted after its snapshot, {MINIMUM_WINS} are needed",
                "champion",
                do="train again when more leads are won",
            )
            return
        text, certainty = self._loss(challenger, champion)
        yield GateRule(certainty > CHAMPION_CERTAINTY, f"log loss against the champion: {text}", "champion")
        everything = np.ones(len(self.holdout), dtype=bool)
        text, worse, _ = self._revenue(challenger, champion, everything)
        yield GateRule(not worse, f"revenue in the top 20 % against the champion: {text}", "champion")
        for channel in sorted(set(self.holdout.channel.tolist())):
            inside = self.holdout.channel == channel
            wins = int(self.holdout.won[inside].sum())
            if wins >= CHANNEL_WINS:
                text, worse, _ = self._revenue(challenger, champion, inside, tolerance=CHANNEL_TOLERANCE)
                yield GateRule(not worse, f"channel {channel}, revenue in its top 20 %: {text}", "champion")
            else:
                yield GateRule(True, f"channel {channel}: {wins} wins, too few to compare", "champion")

    def _areas(self, forecast: Forecast) -> Vector:
        """Return the AUC of each resample."""
        return self.resamples.each(partial(auc, forecast, self.holdout))

    def _loss(self, first: Forecast, second: Forecast) -> tuple[str, float]:
        """Compare log losses; return a text and the share of resamples in which the first is better (ties half)."""
        first_losses, second_losses = log_losses(first, self.holdout), log_losses(second, self.holdout)
        differences = first_losses - second_losses
        resampled = self.resamples.each(lambda weights: weights @ differences / np.maximum(weights.sum(axis=1), 1.0))
        difference = float(differences.mean())
        low, high = np.quantile(resampled, [0.025, 0.975])
        certainty = float((resampled < 0).mean() + (resampled == 0).mean() / 2)
        text = (
            f"{first_losses.mean():.4f} against {second_losses.mean():.4f}, "
            f"difference {difference:+.4f} [{low:+.4f}, {high:+.4f}], better in {certainty:.0%} of resamples"
        )
        return text, certainty

    def _revenue(
        self, first: Forecast, second: Forecast, inside: Flags, *, tolerance: float = 0.0, certainty: float = CERTAINTY
    ) -> tuple[str, bool, float]:
        """Compare the revenue in the top 20 %.

        Returns
        -------
        tuple of str, bool and float
            Text, whether the first is clearly lower by more than the tolerance, and its share of the second.
        """
        revenue = self.holdout.revenue[inside]
        total = revenue.sum()
        if not total > 0:
            return "no revenue so far", False, 1.0
        first_top, second_top = (share_in_top(forecast.value[inside], TOP) * revenue for forecast in (first, second))
        ratio = float(first_top.sum() / second_top.sum()) if second_top.sum() > 0 else 1.0
        change = self.resamples.of(inside).each(lambda weights: weights @ (first_top - (1.0 - tolerance) * second_top))
        lower = float((change < 0).mean())
        limit = f"more than {tolerance:.0%} lower" if tolerance else "lower"
        text = (
            f"{first_top.sum() / total:.1%} against {second_top.sum() / total:.1%}, {limit} in {lower:.0%} of resamples"
        )
        return text, ratio < 1.0 - tolerance and lower >= certainty, ratio
