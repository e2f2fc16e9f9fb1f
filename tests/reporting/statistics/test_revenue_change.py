"""Change of revenue: examples of the specification, and parts that add up to the cent under any sums."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.revenue_change import ChannelSums, revenue_change


@st.composite
def sums(draw: st.DrawFn) -> ChannelSums:
    leads = draw(st.integers(0, 10_000))
    wins = draw(st.integers(0, leads + 3))
    return ChannelSums(leads, wins, draw(st.integers(0, 10**12)))


periods = st.dictionaries(st.sampled_from(["search", "social", "display", "events"]), sums(), max_size=4)


def by_orders(before: tuple[float, float, float], after: tuple[float, float, float]) -> list[float]:
    """Return the mean contribution of each factor over all orders of change, written out."""
    parts = [0.0, 0.0, 0.0]
    orders = list(permutations(range(3)))
    for order in orders:
        state = list(before)
        for factor in order:
            product = state[0] * state[1] * state[2]
            state[factor] = after[factor]
            parts[factor] += (state[0] * state[1] * state[2] - product) / len(orders)
    return parts


def test_the_example_of_the_specification() -> None:
    total, _ = revenue_change(
        {"all": ChannelSums(2_000, 100, 10_000_000)}, {"all": ChannelSums(3_000, 120, 10_800_000)}
    )
    parts = [total.volume / 100, total.rate / 100, total.value / 100, total.mix / 100]
    assert parts == pytest.approx([42_833.33, -23_666.67, -11_166.67, 0.0], abs=0.011)
    assert total.change == 800_000
    assert by_orders((2_000, 0.05, 1_000), (3_000, 0.04, 900)) == pytest.approx(
        [42_833.33, -23_666.67, -11_166.67], abs=0.005
    )


def test_wins_of_zero() -> None:
    total, _ = revenue_change({"all": ChannelSums(2_000, 100, 10_000_000)}, {"all": ChannelSums(3_000, 0, 0)})
    assert [total.volume / 100, total.rate / 100, total.value / 100] == pytest.approx(
        [16_666.67, -58_333.33, -58_333.33], abs=0.011
    )
    assert total.change == -10_000_000


def test_rates_that_rise_in_every_channel_can_fall_in_all_and_the_part_is_mix() -> None:
    before = {"search": ChannelSums(1_000, 100, 1_000_000), "social": ChannelSums(1_000, 20, 200_000)}
    after = {"search": ChannelSums(1_000, 110, 1_100_000), "social": ChannelSums(4_000, 100, 1_000_000)}
    total, channels = revenue_change(before, after)
    assert (100 + 20) / 2_000 == 0.06
    assert (110 + 100) / 5_000 == 0.042
    assert total.rate > 0
    assert total.mix < 0
    assert total.value == 0
    assert channels["search"].mix < 0 < channels["social"].mix
    assert total.change == 900_000


@given(before=periods, after=periods)
def test_parts_add_up_to_the_change_exactly(before: dict[str, ChannelSums], after: dict[str, ChannelSums]) -> None:
    total, channels = revenue_change(before, after)
    nothing = ChannelSums(0, 0, 0)
    for name, parts in channels.items():
        assert parts.change == after.get(name, nothing).revenue - before.get(name, nothing).revenue
    seen_before, seen_after = (sum(item.revenue for item in period.values()) for period in (before, after))
    assert total.change == seen_after - seen_before


@given(first=sums(), second=sums())
def test_parts_of_one_channel_are_the_mean_over_the_orders(first: ChannelSums, second: ChannelSums) -> None:
    if not (first.wins and second.wins and first.leads and second.leads):
        return
    factors = [(item.leads, item.wins / item.leads, item.revenue / item.wins) for item in (first, second)]
    total, _ = revenue_change({"all": first}, {"all": second})
    scale = max(first.revenue, second.revenue, 1) * (
        1 + max(first.leads, second.leads) / min(first.leads, second.leads)
    )
    scale *= max(first.wins, second.wins) ** 2
    expected = by_orders(*factors)
    assert [total.volume + total.mix, total.rate, total.value] == pytest.approx(expected, abs=2.0 + 1e-9 * scale)
    assert total.mix == 0


@given(before=periods, after=periods)
def test_swapping_the_periods_swaps_the_signs(before: dict[str, ChannelSums], after: dict[str, ChannelSums]) -> None:
    forth, back = revenue_change(before, after)[0], revenue_change(after, before)[0]
    assert forth.change == -back.change
    assert abs(forth.rate + back.rate) <= 8
    assert abs(forth.mix + back.mix) <= 8
