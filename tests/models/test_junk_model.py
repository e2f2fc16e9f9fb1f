"""Junk: three-state labels from a biased sample."""

from __future__ import annotations

import numpy as np
import pytest

from models.boosting import BoosterDataset
from models.junk_model import (
    UNSUPPORTED_WEIGHT,
    Fitted,
    JunkLabels,
    fit_junk,
    fit_rules,
    prior_shift,
    supported_weights,
)
from models.log_odds import sigmoid
from models.np_threshold import buyers_needed
from models.scorecard import Scorecard, ScorecardRule, SignCheck

NAMES = ("a", "form_honeypot", "c", "d", "e")
CARD = Scorecard.shipped("junk")


def labelled(rows: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray, JunkLabels]:
    """Return a matrix, true junk, and labels of 20 % of the junk and 60 % of the rest."""
    rng = np.random.default_rng(seed)
    true = rng.random(rows) < 0.3
    matrix = rng.normal(size=(rows, 5))
    matrix[:, 0] += 2.0 * true
    matrix[:, 1] = rng.random(rows) < np.where(true, 0.4, 0.02)
    has_label = rng.random(rows) < np.where(true, 0.2, 0.6)
    age = np.sort(rng.uniform(0.0, 300.0, rows))[::-1].copy()
    return matrix, true, JunkLabels(true & has_label, ~true & has_label, age, np.arange(rows))


def fitted(matrix: np.ndarray, labels: JunkLabels, held: np.ndarray | None = None, seed: int = 1) -> Fitted:
    none = np.zeros(len(matrix), dtype=bool)
    return fit_junk(
        BoosterDataset(matrix), NAMES, labels, np.ones(len(matrix)), none if held is None else held, seed, CARD
    )


def test_share_of_junk_is_that_of_all_leads() -> None:
    matrix, true, labels = labelled()
    assert labels.junk.sum() / (labels.junk | labels.engaged).sum() < 0.15
    result = fitted(matrix, labels)
    inside = sigmoid(result.model.log_odds(matrix, NAMES))
    assert inside.mean() == pytest.approx(true.mean(), abs=0.05)
    assert sigmoid(result.outside).mean() == pytest.approx(true.mean(), abs=0.05)
    assert inside[true].mean() > 0.6
    assert inside[~true].mean() < 0.25


def test_outside_log_odds_are_out_of_fold() -> None:
    rng = np.random.default_rng(3)
    matrix, label = rng.normal(size=(800, 5)), rng.random(800) < 0.5
    outside = fitted(matrix, JunkLabels(label, ~label, np.zeros(800), np.arange(800))).outside
    assert abs(np.corrcoef(outside, label)[0, 1]) < 0.12


def test_same_seed_gives_the_same_model() -> None:
    matrix, _, labels = labelled(1500)
    first, second = (fitted(matrix, labels, seed=9).model for _ in range(2))
    assert first.trees.to_text() == second.trees.to_text()
    assert (first.shift, first.slope, first.rules) == (second.shift, second.slope, second.rules)


def test_calibration_set_is_not_in_the_training_set() -> None:
    """Neither the labels of the calibration set nor those of later leads change the model."""
    matrix, _, labels = labelled()
    held = labels.calibrating(0.01, 0.05)
    after = labels.age_days <= labels.age_days[held].max()
    flipped = JunkLabels(labels.junk & ~after, labels.engaged & ~(after & ~held), labels.age_days, labels.group)
    first, second = (fitted(matrix, part, held).model for part in (labels, flipped))
    assert first.trees.to_text() == second.trees.to_text()
    assert first.rules == second.rules


def test_the_latest_engaged_leads_calibrate() -> None:
    _, _, labels = labelled()
    held = labels.calibrating(0.01, 0.05)
    assert held.sum() == max(int(0.3 * labels.engaged.sum()), int(1.25 * buyers_needed(0.01, 0.05)))
    assert not (held & ~labels.engaged).any()
    assert labels.age_days[held].max() <= labels.age_days[labels.engaged & ~held].min()
    assert not labels.calibrating(0.0005, 0.05).any()


def test_near_duplicates_are_in_one_fold() -> None:
    """The out-of-fold score of a lead does not depend on the label of its duplicate."""
    rng = np.random.default_rng(4)
    half = rng.normal(size=(400, 5))
    label = rng.random(400) < 0.5
    twice, label_twice = np.repeat(half, 2, axis=0), np.repeat(label, 2)
    apart = fitted(twice, JunkLabels(label_twice, ~label_twice, np.zeros(800), np.arange(800))).outside
    together = fitted(twice, JunkLabels(label_twice, ~label_twice, np.zeros(800), np.repeat(np.arange(400), 2))).outside
    assert abs(np.corrcoef(together, label_twice)[0, 1]) < 0.15
    assert np.corrcoef(apart, label_twice)[0, 1] > 0.4


def test_two_families_of_rules_make_junk_without_engagement() -> None:
    has_label = np.array([False, False, False, True])
    labels = JunkLabels(has_label, np.array([False, True, False, False]), np.zeros(4), np.arange(4))
    result = labels.with_rules(np.array([2, 2, 1, 0]))
    assert result.junk.tolist() == [True, False, False, True]


def test_weights_of_rules_are_learned_and_never_negative() -> None:
    matrix, _, labels = labelled()
    rows = labels.junk | labels.engaged
    card = fit_rules(Scorecard.shipped("junk"), matrix[rows], NAMES, labels.junk[rows], np.ones(rows.sum()))
    assert [rule.id for rule in card.rules] == ["honeypot"]
    true = np.log(0.4 / 0.6) - np.log(0.02 / 0.98)
    assert card.rules[0].log_odds == pytest.approx(true, abs=0.5)
    against = fit_rules(Scorecard.shipped("junk"), matrix[rows], NAMES, labels.engaged[rows], np.ones(rows.sum()))
    assert against.rules[0].log_odds == 0.0


def test_few_labels_raise_a_weight_only_as_far_as_they_support_it() -> None:
    rng = np.random.default_rng(2)
    junk = np.repeat([True, False], [40, 400])
    matrix = np.where(junk, rng.random(440) < 0.3, False)[:, None].astype(float)  # 12 of 40, and none of 400
    rule = ScorecardRule("x", "is", 1.0, 0.5, family="one")
    few, many = (
        fit_rules(Scorecard(-3.0, (rule,)), np.tile(matrix, (n, 1)), ("x",), np.tile(junk, n), np.ones(440 * n))
        for n in (1, 40)
    )
    limits = [supported_weights(np.tile(matrix > 0, (n, 1)), np.tile(junk, n), np.ones(440 * n))[0] for n in (1, 40)]
    assert limits[0] < limits[1]
    assert few.rules[0].log_odds <= max(UNSUPPORTED_WEIGHT, limits[0]) + 1e-6
    assert UNSUPPORTED_WEIGHT < many.rules[0].log_odds <= limits[1] + 1e-6


def test_no_label_raises_a_weak_sign_above_its_bound() -> None:
    junk = np.repeat([True, False], 2_000)
    rule = ScorecardRule("x", "is", 1.0, 0.5, family="one", most=0.75)
    card = fit_rules(Scorecard(-3.0, (rule,), ("y",)), junk[:, None].astype(float), ("x",), junk, np.ones(4_000))
    assert card.rules[0].log_odds == pytest.approx(0.75)
    assert Scorecard.from_json(card.to_json()) == card


def test_trees_do_not_use_what_only_rules_may_use() -> None:
    """Weak signs stay bounded: the trees cannot add to them."""
    card = Scorecard.shipped("junk")
    weak = {rule.feature for rule in card.rules if rule.family == "person"}
    assert weak == set(card.rules_only)


@pytest.mark.parametrize("rule", Scorecard.shipped("junk").rules, ids=lambda rule: rule.id)
def test_a_weak_sign_alone_is_not_sufficient_to_reject(rule: ScorecardRule) -> None:
    card = Scorecard.shipped("junk")
    names = tuple(dict.fromkeys(c.feature for r in card.rules for c in r.conditions))
    step = {"above": 0.5, "below": -0.5, "is": 0.0}
    lead = np.full((1, len(names)), np.nan)
    for condition in rule.conditions:
        lead[0, names.index(condition.feature)] = condition.value + step[condition.compare]
    assert [r.id for r, holds in zip(card.rules, card.holds(lead, names)[0], strict=True) if holds] == [rule.id]
    check = SignCheck(card, names)
    assert check.sufficient(lead).tolist() == [rule.most is None]
    other = "gibberish-name" if rule.family != "name" else "invalid-phone"
    second = next(r for r in card.rules if r.id == other)
    lead[0, names.index(second.feature)] = second.value + step[second.compare]
    assert check.sufficient(lead).all()


def test_prior_shift_is_zero_without_unknown_leads() -> None:
    label = np.array([True, False])
    assert prior_shift(np.array([3.0, -3.0]), label, ~label) == 0.0


def test_default_scorecard_detects_a_test_address() -> None:
    card = Scorecard.shipped("junk")
    names = ("email_test", "phone_valid", "email_disposable")
    rows = np.array([[0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [np.nan, np.nan, np.nan]])
    plain, tester, throwaway, unknown = card.probability(rows, names)
    assert tester > 0.9
    assert plain == unknown < 0.1
    assert plain < throwaway < tester
