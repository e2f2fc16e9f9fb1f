"""P(better): examples of the specification, simulation, and verdicts that never rank by chance."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.channel_comparison import (
    MOST_MORE_LEADS,
    ChannelReturn,
    compare,
    deal_value_cv,
    rank,
    tau_of_record,
)

SEARCH = ChannelReturn(leads=400, wins=12, seen=96_000, predicted=0, spend=16_000, tau=0.0)
SOCIAL = ChannelReturn(leads=900, wins=9, seen=63_000, predicted=0, spend=12_000, tau=0.0)
TWICE = replace(SOCIAL, spend=21_000)
channels = st.builds(
    ChannelReturn,
    leads=st.floats(0, 1e6),
    wins=st.floats(0, 1e4),
    seen=st.floats(0, 1e9),
    predicted=st.floats(0, 1e9),
    spend=st.floats(0, 1e8),
    value_cv=st.floats(0, 5),
    tau=st.floats(0, 2),
)


def predicted(channel: ChannelReturn, share: float, tau: float) -> ChannelReturn:
    revenue = channel.seen
    return replace(channel, seen=(1 - share) * revenue, predicted=share * revenue, tau=tau)


def test_returns_of_six_and_five_are_not_distinguishable() -> None:
    result = compare(SEARCH, SOCIAL)
    assert (SEARCH.per_unit, SOCIAL.per_unit) == (6.0, 5.25)
    assert result.z == pytest.approx(0.215, abs=0.0005)
    assert result.probability == pytest.approx(0.585, abs=0.0005)
    assert result.more_leads > MOST_MORE_LEADS
    assert rank({"search": SEARCH, "social": SOCIAL})["search"].more_leads is None


def test_at_a_ratio_of_two_about_a_third_more_leads_are_needed() -> None:
    result = compare(SEARCH, TWICE)
    assert result.probability == pytest.approx(0.868, abs=0.0005)
    assert result.more_leads == pytest.approx(1.32, abs=0.005)
    assert rank({"search": SEARCH, "social": TWICE})["search"].more_leads == pytest.approx(0.32 * 1_300, abs=5)


def test_predictions_lower_the_probability() -> None:
    result = compare(predicted(SEARCH, 0.7, 0.25), predicted(TWICE, 0.7, 0.25))
    assert result.probability == pytest.approx(0.850, abs=0.0005)
    assert result.more_leads > compare(SEARCH, TWICE).more_leads


def test_the_leads_that_are_missing_are_enough() -> None:
    first, second = predicted(SEARCH, 0.7, 0.25), predicted(TWICE, 0.7, 0.25)
    factor = compare(first, second).more_leads
    more = [
        replace(
            item,
            leads=item.leads * factor,
            wins=item.wins * factor,
            seen=item.seen * factor,
            predicted=item.predicted * factor,
            spend=item.spend * factor,
        )
        for item in (first, second)
    ]
    assert compare(*more).probability == pytest.approx(0.9, abs=1e-6)


def test_no_number_of_leads_settles_what_only_time_can() -> None:
    first, second = predicted(SEARCH, 1.0, 0.6), predicted(TWICE, 1.0, 0.6)
    assert compare(first, second).more_leads == math.inf


def test_the_probability_is_that_of_a_simulation() -> None:
    generator = np.random.default_rng(1)
    draws = 40_000

    def returns(channel: ChannelReturn, deal: float) -> np.ndarray:
        wins = generator.binomial(int(channel.leads), channel.wins / channel.leads, draws)
        return np.asarray(generator.standard_gamma(np.maximum(wins, 1e-9)) * deal / channel.spend)

    better = float(np.mean(returns(SEARCH, 8_000) > returns(SOCIAL, 7_000)))
    assert better == pytest.approx(compare(SEARCH, SOCIAL).probability, abs=0.015)


def test_the_first_replay_is_ranked_with_thirteen_and_five_wins() -> None:
    search = ChannelReturn(leads=130, wins=13, seen=8 / 3 * 13_000, predicted=0, spend=13_000, tau=0.0)
    social = ChannelReturn(leads=400, wins=5, seen=13_000, predicted=0, spend=13_000, tau=0.0)
    assert compare(search, social).probability > 0.9
    fewer = [replace(item, wins=item.wins * 0.8, leads=item.leads * 0.8) for item in (search, social)]
    assert compare(*fewer).probability < 0.9


@given(first=channels, second=channels)
def test_probabilities_of_both_orders_add_up_to_one(first: ChannelReturn, second: ChannelReturn) -> None:
    forth, back = compare(first, second), compare(second, first)
    assert 0.0 <= forth.probability <= 1.0
    assert forth.probability + back.probability == pytest.approx(1.0)
    assert not math.isnan(forth.more_leads)
    assert forth.more_leads >= 1.0


@given(st.dictionaries(st.sampled_from("abcdef"), channels))
def test_every_channel_has_a_verdict_and_only_certain_ones_are_better(drawn: dict[str, ChannelReturn]) -> None:
    verdicts = rank(drawn)
    assert set(verdicts) == set(drawn)
    for name, verdict in verdicts.items():
        if verdict.other is not None:
            assert drawn[name].per_unit >= drawn[verdict.other].per_unit
            assert verdict.comparison == compare(drawn[name], drawn[verdict.other])
        assert verdict.more_leads is None or verdict.more_leads >= 0


def test_a_channel_without_wins_or_spend_is_compared_with_none() -> None:
    nothing = replace(SOCIAL, wins=0, seen=0)
    free = replace(SOCIAL, spend=0)
    verdicts = rank({"free": free, "nothing": nothing, "search": SEARCH})
    assert list(verdicts) == ["search", "free", "nothing"]
    assert {verdict.other for verdict in verdicts.values()} == {None}
    assert nothing.interval() is None
    assert free.interval() is None


def test_the_spread_of_the_record_without_the_luck_of_single_leads() -> None:
    generator = np.random.default_rng(3)
    noise = 0.3
    came = np.exp(generator.normal(0.0, math.hypot(0.25, noise), 4_000))
    assert tau_of_record([1.0] * 4_000, came.tolist()) == pytest.approx(0.39, abs=0.02)
    assert tau_of_record([1.0] * 4_000, came.tolist(), [noise**2] * 4_000) == pytest.approx(0.25, abs=0.02)
    assert tau_of_record([1.0, 0.0] * 7, [1.0, 2.0] * 7) == 0.35
    assert tau_of_record([1.0] * 8, [1.0] * 8, [0.1] * 8) == 0.0
    assert tau_of_record([1.0] * 8, [1.1] * 8, [0.0] * 8) == 0.35


def test_small_cohorts_do_not_raise_the_spread_of_the_record() -> None:
    generator = np.random.default_rng(4)
    noise = np.where(np.arange(4_000) % 2, 1.0, 0.1)
    came = np.exp(generator.normal(0.0, np.hypot(0.25, noise)))
    assert tau_of_record([1.0] * 4_000, came.tolist(), (noise**2).tolist()) == pytest.approx(0.25, abs=0.02)


def test_the_variation_of_deal_values_is_that_of_numpy() -> None:
    values = np.random.default_rng(2).lognormal(9.0, 1.0, 50)
    expected = float(values.std(ddof=1) / values.mean())
    assert deal_value_cv(50, float(values.sum()), float((values**2).sum())) == pytest.approx(expected)
    assert deal_value_cv(1, 100.0, 10_000.0) == 1.0
