"""Figures of money: return, revenue seen and predicted, genuine cost per lead, value per lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from leadworth.channel_groups import OFFLINE
from reporting.page.page_model import Card, Figure, GoalProgress, Message, Quantity, Unit
from reporting.views.channel_returns import channel_return, revenue_interval, value_variation
from reporting.views.figure_texts import FigureMaker, relative_change
from reporting.views.metric_inputs import ScopeSums
from reporting.views.page_sums import PageSums, add_all
from reporting.views.report_filters import ReportFilters
from reporting.views.unpriced_wins import with_unpriced

WITHOUT_MONEY = ("return_on_marketing", "genuine_leads", "junk_share", "mql")


def money_cards(
    sums: PageSums, make: FigureMaker, tau: float, goals: Mapping[str, GoalProgress], mature: tuple[float, float] | None
) -> tuple[Card, ...]:
    """Return the cards that the data and the reader's scopes allow.

    Parameters
    ----------
    sums
        Sums of the page.
    make
        Maker of figures.
    tau
        Error of past predictions.
    goals
        Metric -> its goal.
    mature
        Revenue and leads of cohorts whose outcomes have come; None without any.
    """
    if not sums.total.leads.get("leads") and sums.total.spend is None:
        return ()
    if not make.reader.money:
        names = WITHOUT_MONEY if sums.has_outcomes else WITHOUT_MONEY[1:]
        return tuple(Card(_goal(make.of(name, sums.total, sums.before), goals)) for name in names)
    cards = []
    if sums.has_outcomes:
        cards += [_return(sums, make, tau), _revenue(sums, make, tau)]
    if make.reader.costs:
        cards.append(_genuine_cost(sums, make))
    if sums.has_outcomes:
        cards.append(_value_per_lead(sums, make, mature))
    else:
        cards += [Card(make.of(name, sums.total, sums.before)) for name in ("genuine_leads", "junk_share")]
    return tuple(replace(card, figure=_goal(card.figure, goals)) for card in cards)


def _goal(figure: Figure, goals: Mapping[str, GoalProgress]) -> Figure:
    return replace(figure, goal=goals.get(figure.metric))


def _return(sums: PageSums, make: FigureMaker, tau: float) -> Card:
    figure = make.of("return_on_marketing", sums.total, sums.before)
    bounds = channel_return(sums.total, tau, value_variation(sums.total.leads)).interval()
    if figure.quantity is not None and bounds is not None:
        figure = replace(figure, low=bounds[0], high=bounds[1])
    return Card(figure)


def _revenue(sums: PageSums, make: FigureMaker, tau: float) -> Card:
    inputs = sums.total.inputs
    low, high = revenue_interval(sums.total.leads, tau, value_variation(sums.total.leads))
    figure = make.of("revenue", sums.total)
    before = None if sums.before is None else _seen_and_predicted(sums.before)
    figure = replace(
        figure,
        title=Message("Revenue, seen + predicted"),
        quantity=make.money(_seen_and_predicted(sums.total)),
        change=relative_change(_seen_and_predicted(sums.total), before),
        low=low,
        high=high,
        href=make.href("revenue_and_predicted"),
    )
    figure = with_unpriced(figure, sums.unpriced, make)
    return Card(figure, seen=make.money(inputs["revenue"]), predicted=make.money(inputs["predicted_value"]))


def _seen_and_predicted(part: ScopeSums) -> float:
    """Return revenue seen and predicted: older leads have more of the first, so only the sum is comparable."""
    inputs = part.inputs
    return float(inputs["revenue"] + inputs["predicted_value"])


def _without_offline(sums: PageSums) -> tuple[ScopeSums, ScopeSums | None, ReportFilters]:
    """Return what costs per lead are made of: an imported list is no lead that an ad was paid for.

    Returns
    -------
    tuple
        Sums of the period and of the one before without the channel Offline, and the filters with the same leads;
        everything, where channels are chosen or none is offline.
    """
    if sums.filters.channel or OFFLINE not in sums.channels or len(sums.channels) == 1:
        return sums.total, sums.before, sums.filters
    online = [name for name in sums.channels if name != OFFLINE]
    before = add_all(part for name, part in sums.channels_before.items() if name != OFFLINE)
    total = add_all(sums.channels[name] for name in online)
    return total, None if sums.before is None else before, sums.filters.with_(channel=tuple(sorted(online)))


def _genuine_cost(sums: PageSums, make: FigureMaker) -> Card:
    total, before, filters = _without_offline(sums)
    figure = make.of("genuine_cpl", total, before)
    figure = replace(figure, href=make.href("genuine_cpl", filters))
    raw, junk = total.value("raw_cpl"), total.value("junk_share")
    lines = []
    if raw is not None and junk is not None:
        values = {"cost": make.money(raw), "share": Quantity(junk, Unit.SHARE)}
        lines.append(Message("raw {cost}, {share} junk", values))
    return Card(figure, tuple(lines))


def _value_per_lead(sums: PageSums, make: FigureMaker, mature: tuple[float, float] | None) -> Card:
    figure = make.of("value_per_lead", sums.total, sums.before)
    lines = []
    if mature is not None and mature[1] > 0:
        lines.append(Message("mature leads {mature}", {"mature": make.money(mature[0] / mature[1])}))
    of_open = sums.total.value("value_per_open_lead")
    if of_open is not None:
        lines.append(Message("open leads {open}, predicted", {"open": make.money(of_open)}))
    return Card(figure, tuple(lines))
