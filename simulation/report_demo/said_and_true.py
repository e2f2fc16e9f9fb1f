"""What the page of a replay says, beside what is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from leadworth.channel_groups import OFFLINE
from reporting.page.page_model import Alarm, ChannelRow, Figure, Message, Quantity, ReportPage, Unit
from reporting.views.plain_english import english

if TYPE_CHECKING:
    from simulation.report_demo.simulated_truth import ReplayTruth

NOTHING = "-"
DISPLAY, SEARCH, SOCIAL = "Display", "Paid Search", "Paid Social"
_MANY = 100
MOST_WAITING = 5


class SaidAndTrue(NamedTuple):
    """One row of the table: what it is about, what the page says, what is true."""

    subject: str
    said: str
    true: str


def said_and_true(name: str, page: ReportPage, truth: ReplayTruth) -> list[SaidAndTrue]:
    """Return the rows of a replay."""
    return list(_ROWS[name](page, truth))


def channel_row(page: ReportPage, name: str) -> ChannelRow | None:
    """Return the row of a channel; None where the page has none."""
    return next((row for row in page.channels.rows if row.name == name), None)


def alarms_of(page: ReportPage, kind: str) -> list[Alarm]:
    """Return the alarms of a kind."""
    return [alarm for alarm in page.alarms if alarm.kind == kind]


def plain(quantity: Quantity | None) -> str:
    """Return a number for a table.

    Examples
    --------
    >>> plain(Quantity(0.312, Unit.SHARE)), plain(Quantity(1234.5, Unit.MONEY, "EUR"))
    ('31 %', '1,234 EUR')
    """
    if quantity is None:
        return NOTHING
    if quantity.unit in (Unit.SHARE, Unit.CHANGE):
        return f"{quantity.value:.0%}".replace("%", " %")
    digits = 0 if quantity.unit is Unit.COUNT or abs(quantity.value) >= _MANY else 1
    return f"{quantity.value:,.{digits}f}" + (f" {quantity.currency}" if quantity.currency else "")


def figure_text(figure: Figure) -> str:
    """Return a figure with its interval."""
    bounds = figure.bounds()
    ends = f"{plain(bounds[0])} to {plain(bounds[1])}" if bounds else ""
    if figure.quantity is None:
        return ends or NOTHING
    return f"{plain(figure.quantity)} ({ends})" if ends else plain(figure.quantity)


def spend_of(page: ReportPage, name: str) -> float:
    """Return the spend of a channel; 0 where there is none."""
    row = channel_row(page, name)
    quantity = row.columns.get("spend") if row is not None else None
    return quantity.value if quantity is not None else 0.0


def true_return(page: ReportPage, truth: ReplayTruth, name: str) -> float:
    """Return what a unit of spend brought in the end: revenue of all wins of the leads / spend."""
    leads, spend = truth.of_channel(name), spend_of(page, name)
    return float(leads.loc[leads["wins"], "revenue"].sum()) / spend if spend > 0 else 0.0


def genuine_cost(page: ReportPage, truth: ReplayTruth, name: str) -> float:
    """Return the spend of a channel per lead that is not junk."""
    return spend_of(page, name) / max(float((~truth.of_channel(name)["junk"]).sum()), 1.0)


def _cheap_lead(page: ReportPage, truth: ReplayTruth) -> Iterator[SaidAndTrue]:
    for name in (SEARCH, SOCIAL):
        row = channel_row(page, name)
        if row is None:
            continue
        yield SaidAndTrue(f"Cost per lead, {name}", plain(row.columns.get("raw_cpl")), NOTHING)
        came = true_return(page, truth, name)
        yield SaidAndTrue(f"Return per unit of spend, {name}", figure_text(row.figure), f"{came:.1f} in the end")
        if row.verdict is not None:
            order = true_return(page, truth, SEARCH) > true_return(page, truth, SOCIAL)
            better = SEARCH if order else SOCIAL
            yield SaidAndTrue(f"{name} is", english_rounded(row.verdict), f"{better} returned more")
    yield from _alarm_rows(page, "cheap", "the leads that cost more returned more")
    wins = sum(quantity.value for row in page.channels.rows if (quantity := row.columns.get("wins")) is not None)
    yield SaidAndTrue(
        "Wins that the page can see", f"{wins:,.0f}", f"{truth.visible_wins:.0%} of those to come".replace("%", " %")
    )


def _bots(page: ReportPage, truth: ReplayTruth) -> Iterator[SaidAndTrue]:
    here = truth.of_channel(DISPLAY)
    yield from _alarm_rows(page, "junk", f"{here['junk'].mean() * 100:.0f} % of the {DISPLAY} leads are bots and junk")
    for alarm in truth.alarms:
        if alarm.channel == DISPLAY:
            at = datetime.fromtimestamp(alarm.seconds, UTC)
            until = here[here["submitted_at"] <= pd.Timestamp(at)]
            yield SaidAndTrue(
                "The alarm came", f"{at:%Y-%m-%d}", f"{len(until)} leads of {DISPLAY} after the bots began"
            )
    row = channel_row(page, DISPLAY)
    if row is not None:
        yield SaidAndTrue(f"Cost per lead, {DISPLAY}", plain(row.columns.get("raw_cpl")), "as ad platforms count it")
        said = plain(row.columns.get("genuine_cpl"))
        yield SaidAndTrue(f"Cost per genuine lead, {DISPLAY}", said, f"{genuine_cost(page, truth, DISPLAY):,.1f}")
    bots = here[here["junk"]]
    said_value, genuine_value = bots["said_submit_value"].mean(), here.loc[~here["junk"], "said_submit_value"].mean()
    yield SaidAndTrue("Value that is exported for a bot", f"{said_value:,.1f}", "0")
    yield SaidAndTrue("... for a genuine lead of the channel", f"{genuine_value:,.1f}", NOTHING)


def _no_crm(page: ReportPage, truth: ReplayTruth) -> Iterator[SaidAndTrue]:
    for notice in page.notices:
        yield SaidAndTrue("The page says", english_rounded(notice.message), notice.command or NOTHING)
    yield from _alarm_rows(page, "junk", "bots came to Display 60 days before")
    leads = truth.leads
    for card in page.cards:
        is_count = card.figure.metric == "genuine_leads"
        true = f"{(~leads['junk']).sum():,} of {len(leads):,}" if is_count else NOTHING
        yield SaidAndTrue(english(card.figure.title), figure_text(card.figure), true)


def _fair(page: ReportPage, truth: ReplayTruth) -> Iterator[SaidAndTrue]:
    imported = truth.leads[truth.leads["simulated_channel"] == "fair"]
    channels = ", ".join(sorted(set(imported["channel"])))
    yield SaidAndTrue("Channel of the imported visitors", channels, f"{len(imported)} rows of one second")
    yield SaidAndTrue("MQLs among them", f"{imported['mql_at'].notna().sum()}", "0: an import is no initiative")
    spend = sum(spend_of(page, str(row.name)) for row in page.channels.rows if row.name != OFFLINE)
    others = len(truth.leads) - len(truth.of_channel(OFFLINE))
    cost = next((card for card in page.cards if card.figure.metric == "genuine_cpl"), None)
    raw = cost.lines[0].values["cost"] if cost is not None and cost.lines else None
    if isinstance(raw, Quantity):
        without = f"{spend / max(others, 1):,.1f} without the fair: neither its cost nor its rows"
        yield SaidAndTrue("Cost per lead", plain(raw), without)
    for alarm in alarms_of(page, "cheap"):
        yield SaidAndTrue("Alarm", english_rounded(alarm.headline), "an imported row has no cost that an ad could have")


def _cold(page: ReportPage, truth: ReplayTruth) -> Iterator[SaidAndTrue]:
    leads = truth.everyone
    waiting = leads[leads["mql_at"].notna() & leads["touched_at"].isna() & leads["said_value"].notna()]
    yield from _alarm_rows(page, "waiting", "sales has left good leads alone for 60 days")
    block = page.hand_over
    for figure in block.figures if block is not None else ():
        if figure.metric == "untouched_mql":
            true = f"{len(waiting):,}, of which {waiting['junk'].mean() * 100:.0f} % are junk"
            yield SaidAndTrue(english(figure.title), figure_text(figure), true)
    for line in block.lines if block is not None else ():
        if "value" in line.values:
            true = f"{waiting['value'].sum():,.0f} if sales had called each on its first day"
            yield SaidAndTrue("The page says", english_rounded(line), true)
    first = waiting.nlargest(MOST_WAITING, "said_value")
    ages = (pd.Timestamp(truth.now) - first["submitted_at"]).dt.days
    for lead, days in zip(first.itertuples(), ages, strict=True):
        said = f"{lead.channel}, {days} days old, {lead.said_value:,.0f}"
        yield SaidAndTrue(f"Call next: {lead.lead_id}", said, f"{lead.value:,.0f}")


def _divergence(page: ReportPage, truth: ReplayTruth) -> Iterator[SaidAndTrue]:
    del truth
    yield from _alarm_rows(page, "divergence", "landing page to form: visits x 1.9, leads x 0.6 since 2026-08-17")


_ROWS: Mapping[str, Callable[[ReportPage, ReplayTruth], Iterator[SaidAndTrue]]] = {
    "cheap-lead": _cheap_lead,
    "bots": _bots,
    "no-crm": _no_crm,
    "fair": _fair,
    "cold": _cold,
    "divergence": _divergence,
}


def _alarm_rows(page: ReportPage, kind: str, true: str) -> Iterator[SaidAndTrue]:
    for alarm in alarms_of(page, kind):
        money = f"; {plain(alarm.figure.quantity)} {english(alarm.figure.title)}" if alarm.figure is not None else ""
        said = f"{english_rounded(alarm.headline)}. {english_rounded(alarm.detail)}{money}"
        yield SaidAndTrue("Alarm", said, true)


def english_rounded(message: Message) -> str:
    """Return a sentence in English with rounded numbers.

    Examples
    --------
    >>> english_rounded(Message("better than {channel} ({p})", {"channel": "Email", "p": Quantity(0.9731, Unit.SHARE)}))
    'better than Email (97 %)'
    """
    return english(Message(message.text, {name: _rounded(value) for name, value in message.values.items()}))


def _rounded(value: Quantity | Message | str | date | datetime) -> str | date | datetime:
    if isinstance(value, Message):
        return english_rounded(value)
    return plain(value) if isinstance(value, Quantity) else value
