"""Terminal report of a training run."""

from __future__ import annotations

import math

from rich.table import Table

from crm.lead_history import LeadHistory
from leadworth.console import console, table
from training.evaluation import Evaluation
from training.evaluation_metrics import METRICS, MISSING
from training.leakage_audit import LeakageAudit
from training.pipeline import NAME, EvaluatedModel, TrainingResult
from training.promotion_gate import GateDecision

CHANNEL = ("leads", "wins", "expected", "money", "predicted", "ratio", "95 %")
RATIO = ("money_ratio", "money_ratio_low", "money_ratio_high")


def show_history(history: LeadHistory) -> None:
    """Print the row counts of the tables that were read."""
    for counts in (history.counts.leads, history.counts.outcomes):
        if counts is None:
            continue
        console.print(f"{counts.name}: {counts.rows_in:,} rows in, {counts.rows_kept:,} kept", highlight=False)
        if counts.rows_rejected:
            console.print(f"  {counts.rows_rejected:,} set aside with line and reason in {counts.rejected}")
    for column, reason in history.left_out.items():
        console.print(f"  column {column} left out: {reason}")


def show_audit(audit: LeakageAudit) -> None:
    """Print the findings of the leakage audit with their evidence."""
    if not audit.findings:
        console.print(f"Leakage audit: nothing suspicious in {audit.wins:,} wins")
        return
    rows = [(finding.column, finding.strength, finding.test, finding.evidence) for finding in audit.findings]
    console.print(table(("column", "strength", "trace", "evidence"), rows, title="Leakage audit"))


def show_training(training: TrainingResult) -> None:
    """Print the counts of the training data and the evaluation on the holdout."""
    report = training.report
    console.print(
        f"Trained on {report.leads:,} leads: {report.wins:,} won ({report.dated_wins:,} dated), "
        f"{report.open_leads:,} open, {report.junk_labels:,} labelled junk; as of {training.known.as_of or 'the file'}"
    )
    if report.delay_median_days is not None:
        console.print(
            f"Half of the wins take {report.delay_median_days:.0f} days, 95 % take {report.delay_p95_days:.0f}"
        )
    console.print(f"Rejection of junk: {report.guarantee}")
    for note in report.notes:
        console.print(f"Note: {note}")
    if training.forward is None:
        console.print("Not evaluated: the holdout of later leads has too few leads or wins.")
        return
    evaluation = training.forward.evaluations[NAME]
    console.print(_models(training.forward))
    console.print("wins, money: predicted / actual, for the outcomes visible so far.")
    console.print("95 % intervals of leadworth:", evaluation.summary())
    if training.random is not None:
        console.print("With a random split, which is too optimistic:", training.random.summary())
    console.print(_channels(evaluation))


def show_decision(decision: GateDecision) -> None:
    """Print how many rules of the promotion gate passed, and those that failed."""
    failed = [line for line in decision.lines if not line.passed]
    console.print(f"Promotion gate: {len(decision.lines) - len(failed)} of {len(decision.lines)} rules passed")
    for line in failed or decision.lines[:1]:
        console.print(f"  {line}", markup=False, soft_wrap=True)


def _models(evaluated: EvaluatedModel) -> Table:
    cut = "" if evaluated.split.cut is None else f", trained as of {evaluated.split.cut:%Y-%m-%d}"
    own = evaluated.evaluations[NAME]
    title = f"Forward in time: holdout of {own.leads:,} later leads, {own.wins:,} wins{cut}"
    metrics = [metric for metric in METRICS.values() if metric.in_report]
    labels = [metric.label for metric in metrics]
    rows = [
        (name, *(evaluation.text(metric) for metric in metrics)) for name, evaluation in evaluated.evaluations.items()
    ]
    return table(("model", *labels), rows, title=title, right=labels)


def _channels(evaluation: Evaluation) -> Table:
    rows = [
        (
            row.group,
            f"{row.leads:,}",
            f"{row.wins:,}",
            f"{row.predicted_wins:,.0f}",
            f"{row.money:,.0f}",
            f"{row.predicted_money:,.0f}",
            *_ratio(*(float(getattr(row, name)) for name in RATIO)),
        )
        for row in evaluation.channels.itertuples()
    ]
    return table(("channel", *CHANNEL), rows, title="Holdout by channel", right=CHANNEL)


def _ratio(value: float, low: float, high: float) -> tuple[str, str]:
    """Return a ratio and its interval as text; "missing" where the channel has no revenue to compare with.

    Examples
    --------
    >>> _ratio(1.0, 0.8, 1.25), _ratio(math.inf, math.nan, math.nan)
    (('1.00', '0.80-1.25'), ('missing', 'missing'))
    """
    if not all(map(math.isfinite, (value, low, high))):
        return MISSING, MISSING
    return f"{value:.2f}", f"{low:.2f}-{high:.2f}"
