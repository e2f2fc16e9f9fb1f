"""Channels and campaigns by what a unit of spend returns, with a verdict where the order is certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leadworth.campaign_keys import BY_NAME, UNMATCHED
from leadworth.channel_groups import OFFLINE
from reporting.metrics.registry import METRICS
from reporting.page.page_model import ChannelBlock, ChannelRow, Figure, Level, Message, Notice, Quantity, Unit
from reporting.statistics.channel_comparison import ChannelReturn, RankVerdict, rank
from reporting.statistics.moved_money import is_cheap_but_poor
from reporting.views.channel_returns import FEWEST_WINS, channel_return, value_variation
from reporting.views.figure_texts import FigureMaker, money_columns
from reporting.views.junk_notes import junk_notes
from reporting.views.metric_inputs import MILLION, ScopeSums
from reporting.views.page_sums import PageSums, add_all, known
from store import report_queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_CHANNELS = 5
MOST_CAMPAIGNS = 8
LEAST_MATCH_RATE = 0.9
"""Match rate below which campaigns are not ranked."""
RETURN, VALUE, COST, GENUINE = "return_on_marketing", "value_per_lead", "genuine_cpl", "genuine_leads"
COLUMNS: Mapping[str, Message] = {
    "spend": Message("Spend"),
    "leads": METRICS["leads"].title,
    "genuine_leads": METRICS["genuine_leads"].title,
    "raw_cpl": METRICS["raw_cpl"].title,
    "genuine_cpl": METRICS["genuine_cpl"].title,
    "mql": METRICS["mql"].title,
    "sql": METRICS["sql"].title,
    "wins": METRICS["wins"].title,
    "revenue": Message("Revenue seen"),
    "predicted": Message("Revenue predicted"),
}


@dataclass(frozen=True)
class MatchRates:
    """What is matched with a campaign.

    Attributes
    ----------
    matched_micros, spend_micros
        Spend of campaigns with leads, and all spend.
    matched_leads, paid_leads
        Leads with a campaign, and all leads, of the channels with spend.
    """

    matched_micros: int
    spend_micros: int
    matched_leads: int
    paid_leads: int

    @property
    def spend(self) -> float | None:
        """Share of the spend; None without spend."""
        return self.matched_micros / self.spend_micros if self.spend_micros > 0 else None

    @property
    def leads(self) -> float | None:
        """Share of the leads; None without leads of channels with spend."""
        return self.matched_leads / self.paid_leads if self.paid_leads else None

    @property
    def is_enough(self) -> bool:
        """Whether campaigns can be ranked."""
        return all(rate is None or rate >= LEAST_MATCH_RATE for rate in (self.spend, self.leads))


def match_rates(sums: PageSums) -> MatchRates:
    """Return the share of spend on campaigns with leads, and of leads of channels with spend that have a campaign."""
    with_spend = {key[0] for key, part in sums.campaigns.items() if part.spend is not None}
    parts = [(key[1], part) for key, part in sums.campaigns.items() if key[0] in with_spend]
    leads = sum(part.leads["leads"] for _, part in parts)
    matched_leads = sum(part.leads["leads"] for key, part in parts if key != UNMATCHED)
    spent = sum(_spend(part) for _, part in parts)
    matched_spend = sum(_spend(part) for key, part in parts if key != UNMATCHED and part.leads["leads"])
    return MatchRates(matched_spend, spent, matched_leads, leads)


def basis(sums: PageSums) -> str:
    """Return the metric by which channels are ordered: the best that the data allow."""
    has_money = bool(sums.total.leads.get("won")) or bool(sums.total.leads.get("open_value_micros"))
    has_costs = any(part.cost_micros is not None for part in sums.channels.values())
    if sums.has_outcomes and has_money:
        return RETURN if has_costs else VALUE
    return COST if has_costs else GENUINE


def shown_campaigns(connection: Connection, sums: PageSums) -> dict[str, str]:
    """Return the campaigns with most spend or revenue, as key -> name; those of the filter always."""
    merged = _by_campaign(sums)
    largest = sorted(merged, key=lambda key: _weight(merged[key]), reverse=True)[:MOST_CAMPAIGNS]
    keys = list(dict.fromkeys([*largest, *sums.filters.campaign]))
    names = report_queries.campaign_names(connection, keys)
    return {key: names.get(key) or key.removeprefix(BY_NAME) for key in keys}


def channel_block(
    sums: PageSums, make: FigureMaker, tau: float, campaigns: Mapping[str, str], parts: Mapping[str, ScopeSums]
) -> ChannelBlock:
    """Return the block of channels.

    Parameters
    ----------
    sums
        Sums of the page.
    make
        Maker of figures.
    tau
        Error of past predictions.
    campaigns
        Of `shown_campaigns`.
    parts
        Their sums, of `read_campaigns`.
    """
    metric = _visible(basis(sums), make)
    ordered = sorted(sums.channels, key=lambda name: _weight(sums.channels[name]), reverse=True)
    shown = {name: sums.channels[name] for name in ordered[:MOST_CHANNELS]}
    rows = _rows(shown, metric, sums, make, tau, "channel", {})
    rest = [sums.channels[name] for name in ordered[MOST_CHANNELS:]]
    if rest:
        others = replace(add_all(rest), further=sums.total.further)
        rows.append(_row(Message("All others"), others, metric, sums, make, tau))
    rates, all_columns = match_rates(sums), sums.filters.columns == "all"
    return ChannelBlock(
        tuple(rows),
        tuple(_campaigns(sums, metric, make, tau, campaigns, rates, parts)),
        {name: title for name, title in COLUMNS.items() if _column_visible(name, make)},
        rates.spend,
        rates.leads,
        tuple(_notices(sums, rates, make)),
        campaign_columns=all_columns or make.page_href(columns="all") or False,
    )


def poor_channels(sums: PageSums, tau: float) -> dict[str, tuple[str, ChannelReturn, ChannelReturn]]:
    """Return the channels whose leads are cheaper than those of another one that certainly returns more.

    Leads of the channel Offline have no comparable cost: an imported list is no lead that an ad was paid for.

    Returns
    -------
    dict
        Channel -> the other channel with the largest difference, and the returns of both.
    """
    returns = _returns(sums.channels, sums, tau)
    costs = {name: part.value("genuine_cpl") for name, part in sums.channels.items() if name != OFFLINE}
    found = {}
    for name, worse in returns.items():
        for other, better in sorted(returns.items(), key=lambda pair: -_per_unit(pair[1])):
            cost, other_cost = costs.get(name), costs.get(other)
            if name == other or cost is None or other_cost is None:
                continue
            if not is_cheap_but_poor(cost, _per_unit(worse), other_cost, _per_unit(better)):
                continue
            verdicts = rank({name: worse, other: better})
            if (
                verdicts[other].comparison is not None
                and verdicts[other].more_leads is None
                and _is_certain(verdicts[other])
            ):
                found[name] = (other, better, worse)
                break
    return found


def _is_certain(verdict: RankVerdict) -> bool:
    return verdict.comparison is not None and verdict.comparison.is_distinguishable


def _per_unit(value: ChannelReturn) -> float:
    return value.per_unit if value.spend > 0 else 0.0


def _returns(parts: Mapping[str, ScopeSums], sums: PageSums, tau: float) -> dict[str, ChannelReturn]:
    variation = value_variation(sums.total.leads)
    return {name: channel_return(part, tau, variation) for name, part in parts.items() if part.cost_micros is not None}


def _rows(
    parts: Mapping[str, ScopeSums],
    metric: str,
    sums: PageSums,
    make: FigureMaker,
    tau: float,
    filter_name: str,
    names: Mapping[str, str],
) -> list[ChannelRow]:
    """Return the rows of channels or campaigns, the best first; those without the figure come last.

    `names` has the names of campaigns by key, as verdicts show them.
    """
    verdicts = rank(_returns(parts, sums, tau)) if metric == RETURN else {}
    of_channels = filter_name == "channel"
    poor = poor_channels(sums, tau) if metric == RETURN and of_channels else {}
    junk = junk_notes(sums.channels) if of_channels else {}
    beaten = _beaten(verdicts)
    rows = []
    for name, part in parts.items():
        row = _row(name, part, metric, sums, make, tau)
        rows.append(
            replace(
                row,
                verdict=_verdict(verdicts.get(name), names) or _worse(beaten.get(name), names),
                warning=name in poor,
                junk=junk.get(name),
                href=make.page_href(**{filter_name: (name,)}),
            )
        )
    sign = -1.0 if metric != COST else 1.0
    return sorted(rows, key=lambda row: (row.figure.quantity is None and row.figure.low is None, sign * _shown(row)))


def _shown(row: ChannelRow) -> float:
    return row.figure.quantity.value if row.figure.quantity is not None else row.seen + row.predicted


def _row(
    name: str | Message, part: ScopeSums, metric: str, sums: PageSums, make: FigureMaker, tau: float
) -> ChannelRow:
    inputs = part.inputs
    figure = make.of(metric, part)
    seen = figure.quantity.value if figure.quantity is not None else 0.0
    predicted = 0.0
    if metric in (RETURN, VALUE):
        divisor = inputs.get("spend", 0.0) if metric == RETURN else inputs["leads"]
        seen = inputs["revenue"] / divisor if divisor > 0 else 0.0
        predicted = inputs["predicted_value"] / divisor if divisor > 0 else 0.0
        figure = _with_interval(figure, part, metric, sums, tau)
    if isinstance(name, str) and figure.href is not None:
        figure = (
            replace(figure, href=make.href(metric, sums.filters.with_(channel=(name,))))
            if (name in sums.channels)
            else replace(figure, href=make.href(metric, sums.filters.with_(campaign=(name,))))
        )
    return ChannelRow(
        name=name,
        figure=figure,
        seen=seen,
        predicted=predicted,
        unknown=int(inputs["leads"] - inputs["scored"]),
        verdict=None,
        columns=money_columns(_columns(name, part, sums, make), make.reader),
    )


def _with_interval(figure: Figure, part: ScopeSums, metric: str, sums: PageSums, tau: float) -> Figure:
    """Return the figure with its interval; with fewer than ten wins the interval alone, below one win not even that."""
    value = channel_return(part, tau, value_variation(sums.total.leads))
    per_lead = replace(value, spend=value.leads) if metric == VALUE else value
    bounds = per_lead.interval()
    if figure.quantity is None:
        return figure
    if bounds is not None:
        figure = replace(figure, low=bounds[0], high=bounds[1])
        if value.wins >= FEWEST_WINS:
            return figure
    note = Message("fewer than {count} wins, seen and predicted", {"count": Quantity(FEWEST_WINS)})
    return replace(figure, quantity=None, note=note)


def _beaten(verdicts: Mapping[str, RankVerdict]) -> dict[str, tuple[str, float]]:
    """Return channel -> another one that certainly returns more, and the probability; the most certain one."""
    beaten: dict[str, tuple[str, float]] = {}
    for name, verdict in verdicts.items():
        comparison = verdict.comparison
        if verdict.other is None or comparison is None or not comparison.is_distinguishable:
            continue
        if verdict.other not in beaten or beaten[verdict.other][1] < comparison.probability:
            beaten[verdict.other] = (name, comparison.probability)
    return beaten


def _worse(than: tuple[str, float] | None, names: Mapping[str, str]) -> Message | None:
    if than is None:
        return None
    values: dict[str, Quantity | str] = {
        "channel": names.get(than[0], than[0]),
        "probability": Quantity(than[1], Unit.SHARE),
    }
    return Message("returns less than {channel} ({probability})", values)


def _verdict(verdict: RankVerdict | None, names: Mapping[str, str]) -> Message | None:
    if verdict is None or verdict.other is None or verdict.comparison is None:
        return None
    if verdict.comparison.is_distinguishable:
        probability = Quantity(verdict.comparison.probability, Unit.SHARE)
        other = names.get(verdict.other, verdict.other)
        values: dict[str, Quantity | str] = {"channel": other, "probability": probability}
        return Message("better than {channel} ({probability})", values)
    if verdict.more_leads is None:
        return Message("not distinguishable yet; more than 10 times as many leads needed")
    count = {"count": Quantity(verdict.more_leads)}
    return Message("not distinguishable yet; about {count} more {count|lead|leads}", count)


def _columns(name: str | Message, part: ScopeSums, sums: PageSums, make: FigureMaker) -> dict[str, Quantity | None]:
    part = known(part, sums)
    inputs = part.inputs
    columns: dict[str, Quantity | None] = {
        column: make.quantity(METRICS[column], part.value(column)) for column in COLUMNS if column in METRICS
    }
    columns["spend"] = make.money(inputs["spend"]) if "spend" in inputs else _foreign_spend(name, sums)
    columns["revenue"] = make.money(inputs["revenue"]) if sums.has_outcomes else None
    columns["predicted"] = make.money(inputs["predicted_value"])
    return columns


def _foreign_spend(name: str | Message, sums: PageSums) -> Quantity | None:
    """Return the spend of a channel in its own currency; None where it has several, or none."""
    rows = [row for row in sums.currencies if row.channel == name]
    return Quantity(rows[0].cost_micros / MILLION, Unit.MONEY, rows[0].currency) if len(rows) == 1 else None


def _column_visible(name: str, make: FigureMaker) -> bool:
    is_money = name in ("spend", "revenue", "predicted") or METRICS[name].unit is Unit.MONEY
    example = {name: Quantity(0.0, Unit.MONEY if is_money else Unit.COUNT)}
    return bool(money_columns(example, make.reader))


def _visible(metric: str, make: FigureMaker) -> str:
    return metric if make.reader.sees(METRICS[metric]) else GENUINE


def _campaigns(
    sums: PageSums,
    metric: str,
    make: FigureMaker,
    tau: float,
    names: Mapping[str, str],
    rates: MatchRates,
    parts: Mapping[str, ScopeSums],
) -> Sequence[ChannelRow]:
    """Return rows of campaigns, unmatched ones included."""
    rows = _rows({key: parts[key] for key in names if key in parts}, metric, sums, make, tau, "campaign", names)
    return [replace(row, name=names[str(row.name)], verdict=row.verdict if rates.is_enough else None) for row in rows]


def _by_campaign(sums: PageSums) -> dict[str, ScopeSums]:
    by_key: dict[str, list[ScopeSums]] = {}
    for key, part in sums.campaigns.items():
        if key[1]:
            by_key.setdefault(key[1], []).append(part)
    return {key: add_all(parts) for key, parts in by_key.items()}


def _weight(part: ScopeSums) -> tuple[int, int, int]:
    leads = part.leads
    return max(_spend(part), 0), leads["revenue_micros"] + leads["open_value_micros"], leads["leads"]


def _spend(part: ScopeSums) -> int:
    return part.cost_micros or 0


def _notices(sums: PageSums, rates: MatchRates, make: FigureMaker) -> list[Notice]:
    notices = _without_rate(sums, make)
    if not rates.is_enough:
        text = Message("Campaigns are not ranked: fewer than 90% of spend or leads are matched with a campaign.")
        notices.append(Notice(Level.WARNING, text))
    if not sums.spend_has_countries:
        text = Message("Spend does not say its country, so return and costs are withheld with this filter.")
        notices.append(Notice(Level.INFO, text))
    return notices


def _without_rate(sums: PageSums, make: FigureMaker) -> list[Notice]:
    """Return a line for each channel and currency whose spend has no rate: it is never left out in silence."""
    notices = []
    for row in sums.currencies:
        if row.has_rate:
            continue
        values: dict[str, Quantity | str] = {"channel": row.channel, "currency": row.currency}
        text = Message("{channel}: spend in {currency} has no rate; its costs and returns are withheld", values)
        if make.reader.money and make.reader.costs:
            values["amount"] = Quantity(row.cost_micros / MILLION, Unit.MONEY, row.currency)
            text = Message("{channel}: spend of {amount} has no rate; its costs and returns are withheld", values)
        notices.append(Notice(Level.WARNING, text))
    return notices
