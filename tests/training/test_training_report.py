"""Terminal report of a training."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm.lead_history import LeadHistory
from training.gate_rules import GateDecision, GateRule
from training.leakage_finding import LeakageAudit, LeakageFinding
from training.pipeline import NAME, TrainingResult
from training.training_report import backtest_rows, show_audit, show_decision, show_history, show_training


def test_the_report_has_counts_metrics_intervals_and_channels(
    training: TrainingResult, capsys: pytest.CaptureFixture[str]
) -> None:
    show_training(training)
    report = capsys.readouterr().out
    assert training.forward is not None
    evaluation = training.forward.evaluations[NAME]
    assert f"Trained on {training.report.leads:,} leads: {training.report.wins:,} won" in report
    assert f"holdout of {evaluation.leads:,} later leads, {evaluation.wins:,} wins" in report
    header = next(line for line in report.splitlines() if line.lstrip().startswith("model "))
    assert header.split() == ["model", "AUC", "log", "loss", "top", "20", "%", "wins", "money"]
    unwrapped = " ".join(report.split())
    assert f"95 % intervals of leadworth: {evaluation.summary()}" in unwrapped
    assert "With a random split, which is too optimistic: AUC" in unwrapped
    for channel in evaluation.channels["group"]:
        assert channel in report
    assert training.backtest is not None
    for row in backtest_rows(training.backtest):
        assert row[0] in report
        assert row[5] in report


def test_a_training_without_evaluation_says_so(training: TrainingResult, capsys: pytest.CaptureFixture[str]) -> None:
    show_training(replace(training, forward=None, random=None))
    assert "Not evaluated: the holdout of later leads has too few leads or wins." in capsys.readouterr().out


def test_rows_in_and_kept_are_printed(history: LeadHistory, capsys: pytest.CaptureFixture[str]) -> None:
    show_history(replace(history, left_out={"Notes": "free text"}))
    printed = capsys.readouterr().out
    assert "4,000 rows in, 4,000 kept" in printed
    assert "column Notes left out: free text" in printed


def test_findings_are_printed_with_their_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    show_audit(LeakageAudit((), 1234))
    assert "nothing suspicious in 1,234 wins" in capsys.readouterr().out
    show_audit(LeakageAudit((LeakageFinding("Tags", "single_column", "strong", "AUC 0.92"),), 300))
    assert {"Tags", "strong", "single_column", "AUC"} <= set(capsys.readouterr().out.split())


def test_failed_rules_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    warning = GateRule(True, "third", warning=True)
    show_decision(GateDecision((GateRule(True, "first"), GateRule(False, "second"), warning)))
    printed = capsys.readouterr().out
    assert "warn  third" in printed
    assert "Promotion gate: 1 of 2 rules passed" in printed
    assert "FAIL  second" in printed
    assert "first" not in printed
