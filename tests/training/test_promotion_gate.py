"""Promotion gate: better models pass, worse ones do not, and each rule can stop a promotion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from training.forecast import Forecast
from training.holdout import Holdout
from training.promotion_gate import GateDecision, decide, without_evidence

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
    period=np.full(N, "2026-01", dtype=object),
    has_money=True,
)


def forecast(noise: float, seed: int = 0) -> Forecast:
    odds = np.log(TRUTH / (1 - TRUTH)) + np.random.default_rng(seed).normal(0.0, noise, N)
    probability = 1 / (1 + np.exp(-odds))
    return Forecast(probability, probability * 400.0)


def failed(decision: GateDecision) -> list[str]:
    return [line.text for line in decision.lines if not line.passed]


GOOD, FAIR, BAD = forecast(0.1), forecast(0.7, 1), forecast(2.0, 2)
AVERAGE = Forecast(np.full(N, WON.mean()), np.full(N, 400.0 * WON.mean()))


def test_a_first_model_must_beat_every_baseline() -> None:
    assert decide(HOLDOUT, GOOD, {"average lead": AVERAGE, "points": BAD}).promote
    refused = decide(HOLDOUT, BAD, {"average lead": AVERAGE, "mature leads": GOOD})
    assert not refused.promote
    assert any("log loss against mature leads" in text for text in failed(refused))
    assert any("revenue in the top 20 % against mature leads" in text for text in failed(refused))


def test_a_baseline_that_is_the_same_model_does_not_stop_the_challenger() -> None:
    assert decide(HOLDOUT, GOOD, {"average lead": AVERAGE, "closed leads only": GOOD}).promote
    assert not decide(HOLDOUT, AVERAGE, {"average lead": AVERAGE}).promote


def test_a_better_challenger_passes_every_rule() -> None:
    decision = decide(HOLDOUT, GOOD, {"average lead": AVERAGE}, FAIR)
    assert decision.promote
    assert [reason[:4] for reason in decision.reasons] == ["pass"] * 8
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


def test_leads_that_the_champion_was_trained_on_are_not_used() -> None:
    unseen = np.zeros(N, bool)
    unseen[:30] = True
    refused = decide(HOLDOUT, GOOD, {}, FAIR, unseen=unseen)
    assert "not trained on" in failed(refused)[0]
    overfitted = Forecast(np.where(unseen, FAIR.probability, WON * 0.98 + 0.01), FAIR.value)
    unseen[: N // 2] = True
    overfitted = Forecast(np.where(unseen, FAIR.probability, WON * 0.98 + 0.01), FAIR.value)
    assert decide(HOLDOUT, GOOD, {}, overfitted, unseen=unseen).promote
    assert not decide(HOLDOUT, GOOD, {}, overfitted).promote


def test_without_revenue_only_probability_decides() -> None:
    poor = replace(HOLDOUT, revenue=np.zeros(N))
    assert decide(poor, GOOD, {"average lead": AVERAGE}, FAIR).promote


def test_without_evidence_a_champion_stays() -> None:
    assert not without_evidence(has_champion=True).promote
    assert without_evidence(has_champion=False).promote
