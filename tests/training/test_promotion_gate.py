"""The gate: better models pass, worse ones do not, and each rule can stop a promotion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from training.evaluation import Forecast
from training.holdout import Holdout
from training.promotion_gate import GateDecision, decide, without_evidence

N = 4_000
RNG = np.random.default_rng(1)
TRUTH = np.clip(RNG.beta(0.6, 4.0, N), 0.005, 0.9)
WON = RNG.random(N) < TRUTH
SIZE = np.exp(RNG.normal(6.0, 0.5, N))
CHANNEL = np.array(["search", "social", "fair", "rare"], dtype=object)[RNG.choice(4, N, p=[0.5, 0.3, 0.19, 0.01])]
LATER = Holdout(
    won=WON, revenue=np.where(WON, SIZE, 0.0), seen=np.ones(N), seen_money=np.ones(N), channel=CHANNEL,
    period=np.full(N, "2026-01", dtype=object), has_money=True,
)  # fmt: skip


def forecast(noise: float, seed: int = 0) -> Forecast:
    odds = np.log(TRUTH / (1 - TRUTH)) + np.random.default_rng(seed).normal(0.0, noise, N)
    probability = 1 / (1 + np.exp(-odds))
    return Forecast(probability, probability * 400.0)


def failed(decision: GateDecision) -> list[str]:
    return [line.text for line in decision.lines if not line.passed]


GOOD, SO_SO, BAD = forecast(0.1), forecast(0.7, 1), forecast(2.0, 2)
AVERAGE = Forecast(np.full(N, WON.mean()), np.full(N, 400.0 * WON.mean()))


def test_a_first_model_must_beat_every_baseline() -> None:
    assert decide(LATER, GOOD, {"average lead": AVERAGE, "points": BAD}).promote
    refused = decide(LATER, BAD, {"average lead": AVERAGE, "mature leads": GOOD})
    assert not refused.promote
    assert any("log loss against mature leads" in text for text in failed(refused))
    assert any("revenue in the top 20 % against mature leads" in text for text in failed(refused))


def test_a_baseline_that_is_the_very_same_model_does_not_stop_it() -> None:
    assert decide(LATER, GOOD, {"average lead": AVERAGE, "closed leads only": GOOD}).promote
    assert not decide(LATER, AVERAGE, {"average lead": AVERAGE}).promote


def test_a_better_challenger_passes_line_by_line() -> None:
    decision = decide(LATER, GOOD, {"average lead": AVERAGE}, SO_SO)
    assert decision.promote
    assert [reason[:4] for reason in decision.reasons] == ["pass"] * 8
    assert any("channel rare" in reason and "too few" in reason for reason in decision.reasons)


@pytest.mark.parametrize("challenger", [SO_SO, GOOD])
def test_one_that_is_worse_or_the_same_does_not_pass(challenger: Forecast) -> None:
    refused = decide(LATER, challenger, {"average lead": AVERAGE}, GOOD)
    assert not refused.promote
    assert failed(refused)[0].startswith("log loss against the champion")


def test_a_channel_that_falls_stops_a_model_that_is_better_overall() -> None:
    value, social = GOOD.value.copy(), CHANNEL == "social"
    value[social] = np.random.default_rng(3).permutation(value[social])
    refused = decide(LATER, Forecast(GOOD.probability, value), {"average lead": AVERAGE}, SO_SO)
    assert any(text.startswith("channel social") for text in failed(refused))
    assert not any(text.startswith("channel search") for text in failed(refused))


def test_leads_that_the_champion_learned_from_do_not_count() -> None:
    unseen = np.zeros(N, bool)
    unseen[:30] = True
    refused = decide(LATER, GOOD, {}, SO_SO, unseen=unseen)
    assert "not trained on" in failed(refused)[0]
    cheated = Forecast(np.where(unseen, SO_SO.probability, WON * 0.98 + 0.01), SO_SO.value)
    unseen[: N // 2] = True
    cheated = Forecast(np.where(unseen, SO_SO.probability, WON * 0.98 + 0.01), SO_SO.value)
    assert decide(LATER, GOOD, {}, cheated, unseen=unseen).promote
    assert not decide(LATER, GOOD, {}, cheated).promote


def test_without_revenue_only_probability_decides() -> None:
    poor = replace(LATER, revenue=np.zeros(N))
    assert decide(poor, GOOD, {"average lead": AVERAGE}, SO_SO).promote


def test_without_evidence_a_champion_stays() -> None:
    assert not without_evidence(has_champion=True).promote
    assert without_evidence(has_champion=False).promote
