"""Summary of a training in sentences that a marketer understands, for the terminal and the model card."""

from __future__ import annotations

import math
from datetime import datetime

from models.value_interval import ValueIntervals
from training.backtest import Backtest
from training.concentration import Concentration
from training.gate_rules import GateDecision
from training.level import ForecastLevel
from training.pipeline import NAME, EvaluatedModel, TrainingResult

_MOST_RULES = 2
FURTHEST = 10.0
"""A level is shown up to this many times what came."""


def result_sentences(training: TrainingResult, decision: GateDecision, unit: str) -> list[str]:
    """Return what the model learned from, how well it ranks and how far its sums were off.

    With too few wins for an evaluation, what can be promised instead.

    Parameters
    ----------
    training
        The training.
    decision
        Decision of the promotion gate.
    unit
        Unit of the predicted values, from `leadworth.value_unit.value_unit`.
    """
    sentences = [_history(training)]
    evidence = [line.text for line in decision.lines if line.name == "evidence"]
    if evidence or training.forward is None:
        return [*sentences, *(f"{text[0].upper()}{text[1:]}." for text in evidence)]
    what = "wins" if unit == "wins" else "revenue"
    sentences.append(_ranking(training.forward, what))
    if training.backtest is not None:
        sentences.append(_past_days(training.backtest, what))
    else:
        sentences.append(
            f"Sums could not be tested at past days: {training.backtest_note.removeprefix('no backtest: ')}."
        )
    if training.bundle.meta.intervals is not None:
        sentences.append(_uncertainty(training.bundle.meta.intervals))
    concentration = Concentration.of(training.known.labels["revenue"].dropna().to_numpy(dtype=float)).sentence
    if concentration:
        sentences.append(f"{concentration}.")
    return sentences


def decision_sentence(decision: GateDecision, version: str) -> str:
    """Return whether a version may be used, and if not, why.

    Examples
    --------
    >>> from training.gate_rules import GateRule
    >>> failed = GateRule(False, "the data do not tell won from lost: AUC 0.5", do="add columns")
    >>> decision_sentence(GateDecision((failed,)), "version 2")
    'The promotion gate stopped version 2: the data do not tell won from lost.'
    >>> decision_sentence(GateDecision((GateRule(True, "all good"),)), "version 2")
    'Version 2 passed all 1 rules of the promotion gate.'
    """
    rules = [line for line in decision.lines if not line.warning]
    failed = [line for line in rules if not line.passed]
    if failed:
        more = f"; and {len(failed) - _MOST_RULES} more" if len(failed) > _MOST_RULES else ""
        return f"The promotion gate stopped {version}: {'; '.join(line.cause for line in failed[:_MOST_RULES])}{more}."
    return f"{version[0].upper()}{version[1:]} passed all {len(rules)} rules of the promotion gate."


def _history(training: TrainingResult) -> str:
    report = training.report
    submitted = training.known.leads["submitted_at"].dropna()
    dates = ""
    if len(submitted):
        dates = f" of {_day(submitted.min())} to {_day(submitted.max())}"
    junk = f", {report.junk_labels:,} are labelled junk" if report.junk_labels else ""
    return f"{report.leads:,} leads{dates}: {report.wins:,} won so far, {report.open_leads:,} still open{junk}."


def _ranking(evaluated: EvaluatedModel, what: str) -> str:
    evaluation = evaluated.evaluations[NAME]
    top = evaluation.metrics["top20"]
    found = f"{top.value:.0%}" if math.isfinite(top.value) else "none"
    return (
        f"Of {evaluation.leads:,} later leads that the model had not seen ({evaluation.wins:,} won), the best fifth by "
        f"predicted value brought {found} of the {what}; a random fifth brings 20%."
    )


def _past_days(result: Backtest, what: str) -> str:
    text = f"Tested at {len(result.windows)} past days, predicted wins were off by {_off(result.wins)}"
    if what != "wins" and result.holdout.has_money:
        text += f" and predicted {what} by {_off(result.money)}"
    return f"{text}."


def _off(level: ForecastLevel) -> str:
    """Return by how much a sum was off, with its interval.

    Examples
    --------
    >>> _off(ForecastLevel(108.0, 100.0, 0.73, 1.56))
    '+8% (-27% to +56%)'
    >>> _off(ForecastLevel(108.0, 100.0, 0.0, 1e9))
    '+8% (-100% to over +900%)'
    >>> _off(ForecastLevel(3.0, 0.0, 0.5, math.inf))
    'an unknown share'
    """
    if not math.isfinite(level.ratio):
        return "an unknown share"
    return f"{_share(level.ratio)} ({_share(level.low)} to {_share(level.high)})"


def _share(ratio: float) -> str:
    if ratio > FURTHEST:
        return f"over {FURTHEST - 1.0:+.0%}"
    return f"{ratio - 1.0:+.0%}"


def _uncertainty(intervals: ValueIntervals) -> str:
    return f"A sum of predicted values of new leads is uncertain by {intervals.total.percent()} (90% interval)."


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
