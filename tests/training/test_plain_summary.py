"""Summary of a training for a marketer."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from training.gate_rules import GateDecision, GateRule
from training.pipeline import TrainingResult
from training.plain_summary import decision_sentence, result_sentences
from training.promotion_gate import without_evidence

PASSED = GateDecision((GateRule(True, "all good"),))


def lines(sentences: list[str]) -> list[str]:
    console = Console(width=80, file=io.StringIO())
    for sentence in sentences:
        console.print(sentence, markup=False)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_the_summary_has_leads_wins_best_fifth_and_money(training: TrainingResult) -> None:
    text = " ".join(result_sentences(training, PASSED, "EUR"))
    report = training.report
    assert f"{report.leads:,} leads of 20" in text
    assert f"{report.wins:,} won so far, {report.open_leads:,} still open" in text
    assert re.search(r"the best fifth by predicted value brought \d+% of the revenue; a random fifth brings 20%", text)
    assert training.backtest is not None
    assert f"Tested at {len(training.backtest.windows)} past days, predicted wins were off by" in text
    assert "uncertain by" in text
    assert not re.search(r"\b(nan|inf|XXX|None)\b", text)


@pytest.mark.parametrize("unit", ["EUR", "wins", ""])
def test_it_fits_fifteen_lines_with_what_follows(training: TrainingResult, unit: str) -> None:
    failed = tuple(GateRule(False, f"the data do not tell won from lost, rule {n}: AUC", do="add") for n in range(9))
    sentences = [
        *result_sentences(training, GateDecision(failed), unit),
        decision_sentence(GateDecision(failed), "version 12"),
    ]
    assert len(lines(sentences)) + 5 <= 15
    assert max(map(len, lines(sentences))) <= 80


def test_without_an_evaluation_the_summary_says_what_can_be_promised(training: TrainingResult) -> None:
    decision = without_evidence("not evaluated: 12 wins so far; 12 wins could as well have been 6 to 21", "wait")
    counts, promise = result_sentences(training, decision, "EUR")
    assert "still open" in counts
    assert promise == "Not evaluated: 12 wins so far; 12 wins could as well have been 6 to 21."
    assert len(result_sentences(replace(training, forward=None, random=None, backtest=None), PASSED, "EUR")) == 1
