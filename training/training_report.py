"""Terminal report of a training run."""

from __future__ import annotations

import math

from rich.table import Table

from crm.cell_faults import describe_fault
from crm.lead_history import LeadHistory
from leadworth.console import console, table
from models.delay_likelihood import MISFIT
from training.backtest import Backtest
from training.evaluation import Evaluation
from training.evaluation_metrics import METRICS, MISSING
from training.gate_rules import GateDecision
from training.leakage_finding import LeakageAudit
from training.pipeline import NAME, EvaluatedModel, TrainingResult

CHANNEL = ("leads", "wins", "expected", "money", "predicted", "ratio", "95 %")
RATIO = ("money_ratio", "money_ratio_low", "money_ratio_high")


def show_history(history: LeadHistory) -> None:
    """Print the row counts of the tables that were read, and their unreadable cells by column."""
    for counts in history.counts.tables:
        console.print(f"{counts.name}: {counts.rows_in:,} rows in, {counts.rows_kept:,} kept", highlight=False)
        if counts.rows_rejected:
            reasons = ", ".join(f"{number:,} {reason}" for reason, number in counts.reasons.items())
            console.print(
                f"  {counts.rows_rejected:,} set aside ({reasons}) in {counts.rejected}", markup=False, soft_wrap=True
            )
        for warning in counts.warnings:
            console.print(f"  Warning: {warning}", markup=False, soft_wrap=True)
    for table_name, faults in history.cells.items():
        for name, fault in faults.items():
            console.print(f"  {table_name}, {describe_fault(name, fault)}", markup=False, soft_wrap=True)
    for column, reason in history.left_out.items():
        console.print(f"  column {column} left out: {reason}")


def show_audit(audit: LeakageAudit) -> None:
    """Print the findings of the leakage audit with their evidence."""
    if not audit.findings:
        console.print(f"Leakage audit: nothing suspicious in {audit.wins:,} wins")
        return
    rows = [(finding.column, finding.strength, finding.test, finding.evidence) for finding in audit.findings]
    console.print(table(("column", "strength", "trace", "evidence"), rows, title="Leakage audit"))


def show_notes(training: TrainingResult) -> None:
    """Print what a person should know about the data."""
    for note in training.report.notes:
        console.print(f"Note: {note}", markup=False, soft_wrap=True)


def show_training(training: TrainingResult) -> None:
    """Print the counts of the training data and the evaluation on the holdout."""
    report = training.report
    console.print(
        f"Trained on {report.leads:,} leads: {report.wins:,} won ({report.dated_wins:,} dated), "
        f"{report.open_leads:,} open, {report.junk_labels:,} labelled junk; as of {training.known.as_of or 'the file'}"
    )
    if report.delay_median_days is not None:
        console.print(
            f"Half of the wins take {report.delay_median_days:.0f} days, 95 % take {report.delay_p95_days:.0f}; "
            f"fit of the delay {report.delay_misfit:.2f} (below {MISFIT:g}: good)",
            soft_wrap=True,
        )
    console.print(f"Rejection of junk: {report.guarantee}")
    if training.backtest is not None:
        show_backtest(training.backtest)
        intervals = training.bundle.meta.intervals
        if intervals is not None:
            console.print(f"A sum of predicted values: {intervals.total.percent()} (90 %)", highlight=False)
    elif training.forward is not None:
        console.print(training.backtest_note.capitalize(), soft_wrap=True)
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


def show_backtest(result: Backtest) -> None:
    """Print predicted over seen wins and money by period, of all periods, and by age of the leads."""
    columns = ("from", "leads", "wins", "expected", "ratio and 95 %", "money and 95 %")
    rows = [(row[0], *row[2:]) for row in backtest_rows(result)]
    console.print(table(columns, rows, title="Backtest: trained as known then, scored as served", right=columns[1:]))
    console.print(
        f"Predicted over seen wins of leads by whose age more than half of the wins is visible: {result.mature}; of "
        f"younger ones: {result.young}",
        highlight=False,
    )


def backtest_rows(result: Backtest) -> list[list[str]]:
    """Return the periods of a backtest and their total as rows of text."""
    money = result.holdout.has_money
    rows = [
        [
            f"{window.start:%Y-%m-%d}",
            f"{window.end:%Y-%m-%d}",
            f"{window.leads:,}",
            f"{window.wins.seen:,.0f}",
            f"{window.wins.predicted:,.0f}",
            str(window.wins),
            str(window.money) if money else MISSING,
        ]
        for window in result.windows
    ]
    total = ["all periods", "", f"{len(result.holdout):,}", f"{result.wins.seen:,.0f}", f"{result.wins.predicted:,.0f}"]
    return [*rows, [*total, str(result.wins), str(result.money) if money else MISSING]]


def show_decision(decision: GateDecision, title: str = "Promotion gate") -> None:
    """Print how many rules of the promotion gate passed, those that failed, and the warnings."""
    rules = [line for line in decision.lines if not line.warning]
    failed = [line for line in rules if not line.passed]
    console.print(f"{title}: {len(rules) - len(failed)} of {len(rules)} rules passed")
    for line in [*failed, *(line for line in decision.lines if line.warning)]:
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
