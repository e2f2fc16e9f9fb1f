"""What a person sees of a training: tables and sentences on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from crm.lead_history import LeadHistory
from leadworth.console import console, table
from training.evaluation import Evaluation
from training.leakage_audit import LeakageAudit
from training.pipeline import NAME, EvaluatedModel, TrainingResult
from training.promotion_gate import GateDecision

FIGURES = ("AUC", "log loss", "top 20 %", "wins", "money")
CHANNEL = ("leads", "wins", "expected", "money", "predicted", "ratio", "95 %")


def show_history(history: LeadHistory) -> None:
    """Print the counts of the tables that were read."""
    for counts in (history.counts.leads, history.counts.outcomes):
        if counts is None:
            continue
        console.print(f"{counts.name}: {counts.rows_in:,} rows in, {counts.rows_kept:,} kept", highlight=False)
        if counts.rows_rejected:
            console.print(f"  {counts.rows_rejected:,} set aside with line and reason in {counts.rejected}")
    for column, reason in history.left_out.items():
        console.print(f"  column {column} left out: {reason}")


def show_audit(audit: LeakageAudit) -> None:
    """Print every suspect with its evidence."""
    if not audit.findings:
        console.print(f"Leakage audit: nothing suspicious in {audit.wins:,} wins")
        return
    rows = [(finding.column, finding.strength, finding.test, finding.evidence) for finding in audit.findings]
    console.print(table(("column", "strength", "trace", "evidence"), rows, title="Leakage audit"))


def show_training(training: TrainingResult) -> None:
    """Print what was learned from what, and how it did forward in time."""
    report = training.report
    console.print(
        f"Learned from {report.leads:,} leads: {report.wins:,} won ({report.dated_wins:,} dated), "
        f"{report.open_leads:,} open, {report.junk_labels:,} called junk; as of {training.known.as_of or 'the file'}"
    )
    if report.delay_median_days is not None:
        console.print(
            f"Half of the wins take {report.delay_median_days:.0f} days, 95 % take {report.delay_p95_days:.0f}"
        )
    console.print(f"Rejection of junk: {report.guarantee}")
    for note in report.notes:
        console.print(f"Note: {note}")
    if training.forward is None:
        console.print("Too few later leads or wins to judge forward in time; nothing is known of the quality.")
        return
    console.print(_models(training.forward))
    own = training.forward.evaluations[NAME]
    console.print("wins, money: predicted / actual of what could be seen so far. 95 % of leadworth:", _intervals(own))
    if training.random is not None:
        console.print("At random, which flatters:", _intervals(training.random))
    console.print(_channels(own))


def show_decision(decision: GateDecision) -> None:
    """Print what the gate found against the model, and how many rules passed."""
    failed = [line for line in decision.lines if not line.passed]
    console.print(f"Gate: {len(decision.lines) - len(failed)} of {len(decision.lines)} rules passed")
    for line in failed or decision.lines[:1]:
        console.print(f"  {line}", markup=False, soft_wrap=True)


def _intervals(evaluation: Evaluation) -> str:
    figures = {
        "AUC": evaluation.auc,
        "log loss": evaluation.log_loss,
        "top 20 %": evaluation.top20,
        "wins": evaluation.wins_ratio,
        "money": evaluation.money_ratio,
    }
    return ", ".join(f"{name} {figure}" for name, figure in figures.items())


def _models(judged: EvaluatedModel) -> Table:
    cut = "" if judged.split.cut is None else f", seen as of {judged.split.cut:%Y-%m-%d}"
    evaluation = judged.evaluations[NAME]
    title = f"Forward in time: {evaluation.leads:,} later leads, {evaluation.wins:,} wins{cut}"
    rows = [(name, *_figures(evaluation)) for name, evaluation in judged.evaluations.items()]
    return table(("model", *FIGURES), rows, title=title, right=FIGURES)


def _figures(evaluation: Evaluation) -> Iterator[str]:
    for figure in (
        evaluation.auc, evaluation.log_loss, evaluation.top20, evaluation.wins_ratio, evaluation.money_ratio,
    ):  # fmt: skip
        yield f"{figure.value:.3f}"


def _channels(evaluation: Evaluation) -> Table:
    rows = [
        (
            row.group, f"{row.leads:,}", f"{row.wins:,}", f"{row.predicted_wins:,.0f}", f"{row.money:,.0f}",
            f"{row.predicted_money:,.0f}", f"{row.money_ratio:.2f}",
            f"{row.money_ratio_low:.2f}-{row.money_ratio_high:.2f}",
        )
        for row in evaluation.channels.itertuples()
    ]  # fmt: skip
    return table(("channel", *CHANNEL), rows, title="Later leads by channel", right=CHANNEL)
