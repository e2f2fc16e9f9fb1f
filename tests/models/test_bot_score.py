"""Bot score: rules whose log-odds add up."""

from __future__ import annotations

import json

import numpy as np
import pytest

from leadworth.errors import ConfigurationError
from models.bot_score import automation_scorecard
from models.scorecard import FeatureComparison, Scorecard, ScorecardRule

NAMES = ("form_webdriver", "form_agent_automated", "form_honeypot", "form_seconds_log")


def probability(webdriver: float, agent: float, honeypot: float, seconds: float) -> float:
    row = np.array([[webdriver, agent, honeypot, np.log1p(seconds)]])
    return float(automation_scorecard().probability(row, NAMES)[0])


def test_person_is_not_automated() -> None:
    assert probability(0.0, 0.0, 0.0, 40.0) < 0.05


@pytest.mark.parametrize("signs", [(1, 0, 0, 40), (0, 1, 0, 40), (0, 0, 0, 0.5)])
def test_each_strong_sign_gives_more_than_one_half(signs: tuple[float, ...]) -> None:
    assert probability(*signs) > 0.5


def test_a_honeypot_alone_is_not_automation() -> None:
    assert probability(0.0, 0.0, 1.0, 40.0) < 0.1
    assert probability(0.0, 0.0, 1.0, 2.0) > 0.3


def test_signs_add_up_and_missing_ones_add_nothing() -> None:
    assert probability(1.0, 1.0, 1.0, 0.2) > 0.999
    assert probability(np.nan, np.nan, np.nan, np.nan) == probability(0.0, 0.0, 0.0, 40.0)


def test_rule_without_its_feature_is_left_out() -> None:
    card = automation_scorecard()
    assert card.log_odds(np.zeros((2, 1)), ("other",)).tolist() == [card.base_log_odds] * 2


def test_json_round_trip() -> None:
    card = automation_scorecard()
    assert Scorecard.from_json(card.to_json()) == card


@pytest.mark.parametrize("content", [{}, {"base_log_odds": 0.0, "rules": [{"feature": "a"}]}])
def test_invalid_card_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="not a scorecard"):
        Scorecard.from_json(json.dumps(content))


def test_comparisons() -> None:
    column = np.array([[0.0], [1.0], [2.0], [np.nan]])
    card = Scorecard(0.0, tuple(ScorecardRule("a", compare, 1.0, 1.0) for compare in ("above", "below", "is")))
    assert card.holds(column, ("a",)).T.tolist() == [
        [False, False, True, False],
        [True, False, False, False],
        [False, True, False, False],
    ]


def test_all_comparisons_of_a_rule_must_hold() -> None:
    also = (FeatureComparison("b", "below", 2.0), FeatureComparison("c", "is", 1.0))
    card = Scorecard(
        -1.0,
        (
            ScorecardRule("a", "above", 1.0, 3.0, also),
            ScorecardRule("d", "is", 1.0, 9.0),
            ScorecardRule("b", "is", 1.0, 0.5),
        ),
    )
    table = np.array([[a, b, c] for a in (0.0, 2.0, np.nan) for b in (1.0, 3.0, np.nan) for c in (0.0, 1.0)])
    expected = [-1.0 + 3.0 * (a > 1.0 and b < 2.0 and c == 1.0) + 0.5 * (b == 1.0) for a, b, c in table]
    assert card.log_odds(table, ("a", "b", "c")).tolist() == expected
    assert not card.holds(table, ("a", "b", "c"))[:, 1].any()
