"""Why revenue changed against the period of comparison, by channel; the parts add up to the change exactly."""

from __future__ import annotations

from collections.abc import Mapping

from reporting.page.page_model import ChangePart, Message, RevenueChangeBlock
from reporting.statistics.revenue_change import ChangeParts, ChannelSums, revenue_change
from reporting.views.figure_texts import FigureMaker
from reporting.views.metric_inputs import MILLION, ScopeSums
from reporting.views.page_sums import PageSums

LEAST_PREDICTED = 0.1
"""Share of the revenue, seen and predicted, from which what is predicted is named together with what is seen."""


def change_block(sums: PageSums, make: FigureMaker) -> RevenueChangeBlock | None:
    """Return the block; None without money, a period of comparison, or revenue in either."""
    if not make.reader.money or sums.before is None:
        return None
    before, after = _channels(sums.channels_before), _channels(sums.channels)
    revenue_before = sum(channel.revenue for channel in before.values())
    revenue_after = sum(channel.revenue for channel in after.values())
    if not revenue_before and not revenue_after:
        return None
    total, channels = revenue_change(before, after)
    changed = [(name, parts) for name, parts in channels.items() if any(vars(parts).values())]
    changed.sort(key=lambda pair: -abs(pair[1].change))
    return RevenueChangeBlock(
        revenue_before / MILLION,
        revenue_after / MILLION,
        _parts(total),
        tuple((name, _parts(parts)) for name, parts in changed),
        make.currency,
        _note(sums, make),
    )


def _note(sums: PageSums, make: FigureMaker) -> Message | None:
    """Return that young leads have brought only a part of their revenue; None where little of it is predicted."""
    inputs = sums.total.inputs
    predicted = inputs["predicted_value"]
    if predicted <= LEAST_PREDICTED * (predicted + inputs["revenue"]):
        return None
    return Message(
        "Seen revenue alone: {amount} more is predicted of leads that are still open, "
        "so a lower figure is not yet a loss.",
        {"amount": make.money(predicted)},
    )


def _channels(parts: Mapping[str, ScopeSums]) -> dict[str, ChannelSums]:
    return {
        name: ChannelSums(part.leads["leads"], part.leads["won"], part.leads["revenue_micros"])
        for name, part in parts.items()
        if part.leads
    }


def _parts(parts: ChangeParts) -> tuple[ChangePart, ...]:
    return (
        ChangePart(Message("volume"), parts.volume / MILLION),
        ChangePart(Message("rate"), parts.rate / MILLION),
        ChangePart(Message("value"), parts.value / MILLION),
        ChangePart(Message("mix"), parts.mix / MILLION),
    )
