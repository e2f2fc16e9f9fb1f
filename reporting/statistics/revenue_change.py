"""Why revenue changed: parts of volume, rate, value and mix that add up to the change exactly.

Revenue of a channel is leads x wins / leads x revenue / wins. Changed one after the other, the parts depend on the
order; the Shapley value is their mean over the 3! orders (Shapley 1953), so no order is shown. The part of a channel's
leads is divided, in the same way, between the change of all leads (volume) and of the channel's share of them (mix).
Arithmetic is that of fractions; parts are rounded to integers that add up to the change of the channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from reporting.statistics.largest_remainder import rounded_parts


@dataclass(frozen=True)
class ChannelSums:
    """Sums of a channel in a period; revenue in the smallest unit, such as cents or micros."""

    leads: int
    wins: int
    revenue: int


@dataclass(frozen=True)
class ChangeParts:
    """Parts of a change of revenue, in its unit.

    Attributes
    ----------
    volume
        More or fewer leads in all.
    rate
        More or fewer wins of as many leads.
    value
        More or less revenue of a win.
    mix
        A larger or smaller share of the leads in this channel.
    """

    volume: int
    rate: int
    value: int
    mix: int

    @property
    def change(self) -> int:
        """Sum of the parts."""
        return self.volume + self.rate + self.value + self.mix


def revenue_change(
    before: Mapping[str, ChannelSums], after: Mapping[str, ChannelSums]
) -> tuple[ChangeParts, dict[str, ChangeParts]]:
    """Return the parts of the change in all, and by channel; a channel without sums in a period has none in it.

    Revenue without leads or without wins in a period counts as value where there are neither.

    Examples
    --------
    >>> before, after = ChannelSums(2_000, 100, 10_000_000), ChannelSums(3_000, 120, 10_800_000)
    >>> revenue_change({"search": before}, {"search": after})[0]
    ChangeParts(volume=4283334, rate=-2366667, value=-1116667, mix=0)
    """
    nothing = ChannelSums(0, 0, 0)
    all_before, all_after = (sum(sums.leads for sums in period.values()) for period in (before, after))
    channels = {
        channel: _parts(before.get(channel, nothing), after.get(channel, nothing), all_before, all_after)
        for channel in dict.fromkeys([*before, *after])
    }
    total = ChangeParts(
        volume=sum(parts.volume for parts in channels.values()),
        rate=sum(parts.rate for parts in channels.values()),
        value=sum(parts.value for parts in channels.values()),
        mix=sum(parts.mix for parts in channels.values()),
    )
    return total, channels


def _parts(before: ChannelSums, after: ChannelSums, all_before: int, all_after: int) -> ChangeParts:
    leads_0, rate_0, value_0, rest_0 = _factors(before)
    leads_1, rate_1, value_1, rest_1 = _factors(after)
    of_leads = _mean_product(rate_0, rate_1, value_0, value_1)
    share_0, share_1 = _share(before, all_before, after, all_after), _share(after, all_after, before, all_before)
    volume = of_leads * (all_after - all_before) * (share_0 + share_1) / 2
    mix = of_leads * (leads_1 - leads_0) - volume
    rate = (rate_1 - rate_0) * _mean_product(leads_0, leads_1, value_0, value_1)
    value = (value_1 - value_0) * _mean_product(leads_0, leads_1, rate_0, rate_1) + rest_1 - rest_0
    return ChangeParts(*rounded_parts([volume, rate, value, mix]))


def _factors(sums: ChannelSums) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """Return leads, rate, value, and the revenue that their product does not contain."""
    if not (sums.leads and sums.wins):
        return Fraction(sums.leads), Fraction(0), Fraction(0), Fraction(sums.revenue)
    return Fraction(sums.leads), Fraction(sums.wins, sums.leads), Fraction(sums.revenue, sums.wins), Fraction(0)


def _share(sums: ChannelSums, total: int, other: ChannelSums, other_total: int) -> Fraction:
    """Return the share of all leads; that of the other period where a period has no leads at all."""
    if total:
        return Fraction(sums.leads, total)
    return Fraction(other.leads, other_total) if other_total else Fraction(0)


def _mean_product(first_0: Fraction, first_1: Fraction, second_0: Fraction, second_1: Fraction) -> Fraction:
    """Return the product of the two factors that do not change, weighted over the orders of changes."""
    return (2 * first_0 * second_0 + first_0 * second_1 + first_1 * second_0 + 2 * first_1 * second_1) / 6
