"""Rules of junk against the outcomes."""

from __future__ import annotations

import numpy as np
import pytest

from models.junk_model import JunkLabels
from training.contradicted_rules import contradicted, sentences
from training.pipeline import TrainingResult


def labels_of(engaged: int, junk: int, unknown: int) -> JunkLabels:
    total = engaged + junk + unknown
    number = np.arange(total)
    return JunkLabels((number >= engaged) & (number < engaged + junk), number < engaged, np.zeros(total), number)


def hits(labels: JunkLabels, of_engaged: int, of_junk: int = 0, of_unknown: int = 0) -> np.ndarray:
    holds = np.zeros((len(labels.junk), 1), dtype=bool)
    unknown = ~labels.junk & ~labels.engaged
    for rows, count in ((labels.engaged, of_engaged), (labels.junk, of_junk), (unknown, of_unknown)):
        holds[np.flatnonzero(rows)[:count]] = True
    return holds


@pytest.mark.parametrize(
    ("labels", "of_engaged", "of_junk", "of_unknown", "expected"),
    [
        (labels_of(300, 0, 600), 300, 0, 600, True),  # every lead, as with anonymised addresses
        (labels_of(300, 0, 600), 90, 0, 180, True),  # as often for both
        (labels_of(300, 0, 600), 3, 0, 180, False),  # a sign of junk
        (labels_of(300, 0, 600), 30, 0, 180, False),  # three times as often for the others
        (labels_of(300, 60, 600), 30, 30, 60, False),  # five times as often for labelled junk
        (labels_of(300, 60, 600), 60, 12, 0, True),  # labelled junk has it as often as buyers
        (labels_of(300, 0, 600), 4, 0, 8, False),  # too few to say
        (labels_of(1000, 0, 600), 40, 0, 24, False),  # costs 4 % of the buyers at most
        (labels_of(900, 0, 0), 900, 0, 0, True),  # every lead is engaged
        (labels_of(0, 60, 600), 0, 60, 600, False),  # nobody is engaged
    ],
)
def test_a_rule_that_holds_for_buyers_as_often_as_for_others_is_contradicted(
    labels: JunkLabels, of_engaged: int, of_junk: int, of_unknown: int, expected: bool
) -> None:
    assert contradicted(hits(labels, of_engaged, of_junk, of_unknown), labels).tolist() == [expected]


def test_the_sentence_has_the_numbers() -> None:
    labels = labels_of(300, 0, 600)
    [sentence] = sentences(["test-address"], hits(labels, 299, 0, 600), labels, {"test-address": "A test address"})
    assert sentence.startswith("rule test-address (A test address) holds for 299 of 300 engaged leads")


def test_no_rule_is_switched_off_where_the_rules_are_right(training: TrainingResult) -> None:
    assert training.bundle.meta.switched_off == ()
    assert not [note for note in training.report.notes if "switched off" in note]
