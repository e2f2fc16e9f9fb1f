"""Promotion gate: sound models pass, and each rule can stop a promotion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from training.forecast import Forecast
from training.gate_rules import GateDecision
from training.holdout import Holdout
from training.level import level_of
from training.promotion_gate import GateEvidence, NewLeads, without_evidence
from training.promotion_gate import decide as decide_by

N = 4_000
RNG = np.random.default_rng(1)
TRUTH = np.clip(RNG.beta(0.6, 4.0, N), 0.005, 0.9)
WON = RNG.random(N) < TRUTH
SIZE = np.exp(RNG.normal(6.0, 0.5, N))
CHANNEL = np.array(["search", "social", "fair", "rare"], dtype=object)[RNG.choice(4, N, p=[0.5, 0.3, 0.19, 0.01])]
HOLDOUT = Holdout(
    won=WON,
    revenue=np.where(WON, SIZE, 0.0),
    visible=np.ones(N),
    visible_money=np.ones(N),
    channel=CHANNEL,
    group=CHANNEL,
    period=np.full(N, "2026-01", dtype=object),
    has_money=True,
)


def forecast(noise: float, seed: int = 0) -> Forecast:
    odds = np.log(TRUTH / (1 - TRUTH)) + np.random.default_rng(seed).normal(0.0, noise, N)
    probability = 1 / (1 + np.exp(-odds))
    return Forecast(probability, probability * 400.0)


def failed(decision: GateDecision) -> list[str]:
    return [str(line).removeprefix("FAIL  ") for line in decision.lines if not line.passed]


def decide(
    holdout: Holdout,
    challenger: Forecast,
    baselines: Mapping[str, Forecast],
    champion: Forecast | None = None,
) -> GateDecision:
    wins = level_of(challenger.probability, holdout.won.astype(float))
    money = level_of(challenger.value, holdout.revenue, largest=holdout.largest)
    evidence = GateEvidence(holdout, challenger, wins, money, baselines=baselines)
    return decide_by(evidence, champion and NewLeads(holdout, challenger, champion))


def names(decision: GateDecision) -> list[str]:
    return [line.name for line in decision.lines if not line.passed]


GOOD, FAIR, BAD = forecast(0.1), forecast(0.7, 1), forecast(2.0, 2)
AVERAGE = Forecast(np.full(N, WON.mean()), np.full(N, 400.0 * WON.mean()))


def test_a_first_model_must_rank_as_well_as_every_baseline() -> None:
    assert decide(HOLDOUT, GOOD, {"average lead": AVERAGE, "points": BAD}).promote
    refused = decide(HOLDOUT, BAD, {"average lead": AVERAGE, "mature leads": GOOD})
    assert {"baselines, AUC", "baselines, revenue"} <= set(names(refused))
    assert all("mature leads" in text for text in failed(refused) if "clearly" in text)


def test_a_baseline_that_is_the_same_model_does_not_stop_the_challenger() -> None:
    assert decide(HOLDOUT, GOOD, {"average lead": AVERAGE, "closed leads only": GOOD}).promote


def test_a_baseline_with_a_lower_log_loss_does_not_stop_a_model_of_the_right_level() -> None:
    late = replace(HOLDOUT, won=WON & (np.arange(N) % 10 > 0))
    low = Forecast(GOOD.probability * 0.9, GOOD.value * 0.9)
    assert decide(late, GOOD, {"too low": low}).promote


def test_a_constant_is_stopped_whatever_its_level() -> None:
    refused = decide(HOLDOUT, AVERAGE, {"average lead": AVERAGE})
    assert "ranking" in names(refused)
    assert "same win probability" in failed(refused)[0]


def test_shuffled_predictions_do_not_tell_won_from_lost() -> None:
    order = np.random.default_rng(5).permutation(N)
    refused = decide(HOLDOUT, Forecast(GOOD.probability[order], GOOD.value[order]), {})
    assert names(refused) == ["ranking"]
    assert "the data do not tell won from lost: AUC 0." in failed(refused)[0]


def test_a_model_that_knows_the_outcome_is_stopped() -> None:
    knowing = np.where(WON, 0.9, 0.01) * np.random.default_rng(6).uniform(0.9, 1.0, N)
    refused = decide(HOLDOUT, Forecast(knowing, knowing * 400.0), {})
    assert "filled in after the outcome" in failed(refused)[0]


@pytest.mark.parametrize(("factor", "word"), [(1.5, "too much"), (0.6, "too little")])
def test_a_wrong_level_is_stopped_though_the_ranking_is_right(factor: float, word: str) -> None:
    wrong = Forecast(np.minimum(GOOD.probability * factor, 0.99), GOOD.value * factor)
    refused = decide(HOLDOUT, wrong, {})
    assert names(refused) == ["level of wins", "level of money"]
    assert word in failed(refused)[0]


def test_too_few_wins_to_hold_a_simple_method_against_the_model_are_named() -> None:
    """The model misses the largest of twelve deals: much revenue, and one deal, which many resamples do not have."""
    wins = np.flatnonzero(WON)[:12]
    inside = np.isin(np.arange(N), np.concatenate([wins, np.flatnonzero(~WON)[:200]]))
    part, simple = HOLDOUT.part(inside), Forecast(GOOD.probability[inside], 1.0 * WON[inside])
    misses = Forecast(simple.probability, np.where(part.revenue == part.revenue.max(), 0.0, simple.value))
    [line] = [line for line in decide(part, misses, {"simple": simple}).lines if line.name == "baselines, revenue"]
    assert line.passed
    assert "with 12 wins it is not certain that a simple method finds more" in line.text


def test_a_better_challenger_passes_every_rule() -> None:
    decision = decide(HOLDOUT, GOOD, {"average lead": AVERAGE}, FAIR)
    assert decision.promote
    assert {reason[:4] for reason in decision.reasons} == {"pass"}
    assert any("channel rare" in reason and "too few" in reason for reason in decision.reasons)


@pytest.mark.parametrize("challenger", [FAIR, GOOD])
def test_a_worse_or_equal_challenger_does_not_pass(challenger: Forecast) -> None:
    refused = decide(HOLDOUT, challenger, {"average lead": AVERAGE}, GOOD)
    assert not refused.promote
    assert failed(refused)[0].startswith("log loss against the champion")


def test_a_worse_channel_stops_a_model_that_is_better_overall() -> None:
    value, social = GOOD.value.copy(), CHANNEL == "social"
    value[social] = np.random.default_rng(3).permutation(value[social])
    refused = decide(HOLDOUT, Forecast(GOOD.probability, value), {"average lead": AVERAGE}, FAIR)
    assert any(text.startswith("channel social") for text in failed(refused))
    assert not any(text.startswith("channel search") for text in failed(refused))


def test_a_challenger_that_is_better_by_a_little_passes() -> None:
    decision = decide(HOLDOUT, GOOD, {}, forecast(0.15, 4))
    line = next(line for line in decision.lines if "log loss against the champion" in line.text)
    assert decision.promote
    assert "100%" not in line.text


def test_only_new_leads_are_compared_with_the_champion() -> None:
    evidence = GateEvidence(HOLDOUT, GOOD, *(level_of(GOOD.probability, WON.astype(float)) for _ in range(2)))
    few = np.arange(N) < 30
    new = NewLeads(HOLDOUT.part(few), *(Forecast(one.probability[few], one.value[few]) for one in (GOOD, FAIR)))
    refused = decide_by(evidence, new)
    assert any("among the 30 leads submitted after its snapshot" in text for text in failed(refused))


def test_without_revenue_only_wins_decide() -> None:
    poor = replace(HOLDOUT, revenue=WON.astype(float), has_money=False)
    decision = decide(poor, GOOD, {"average lead": AVERAGE}, FAIR)
    assert decision.promote
    assert "level of money" not in {line.name for line in decision.lines}


def test_two_whales_are_named_and_do_not_stop_the_model() -> None:
    revenue = np.where(WON, SIZE, 0.0)
    revenue[np.flatnonzero(WON)[:2]] = 0.5 * revenue.sum()
    whales = replace(HOLDOUT, largest=float(revenue.max()))
    challenger = Forecast(GOOD.probability, GOOD.value * 2.0)
    evidence = GateEvidence(
        whales,
        challenger,
        level_of(challenger.probability, WON.astype(float)),
        level_of(challenger.value, whales.revenue, largest=whales.largest),
        revenue=revenue,
    )
    decision = decide_by(evidence)
    assert decision.promote
    (warning,) = [line for line in decision.lines if line.warning]
    assert f"2 of {WON.sum():,} wins bring 50 % of the revenue" in warning.text
    assert str(warning).startswith("warn")


def test_without_evidence_nothing_is_promoted() -> None:
    assert not without_evidence("3 wins", "wait").promote
