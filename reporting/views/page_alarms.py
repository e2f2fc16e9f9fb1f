"""What needs attention now: junk that rises, cheap leads with a poor return, series that diverge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from reporting.metrics.funnel_steps import STEP_NAMES, broken_step
from reporting.metrics.registry import METRICS
from reporting.page.page_model import Alarm, Figure, Level, Message, Quantity, Unit
from reporting.statistics.divergence import BASE_DAYS, WATCH_DAYS, find_divergence
from reporting.statistics.moved_money import money_moved_wrongly, shifted_spend
from reporting.views.channel_returns import FEWEST_WINS
from reporting.views.channel_rows import poor_channels
from reporting.views.cohorts import CohortHistory
from reporting.views.figure_texts import FigureMaker
from reporting.views.hand_over import HandOverData
from reporting.views.metric_inputs import MILLION
from reporting.views.page_sums import PageSums
from store import report_queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reporting.statistics.channel_comparison import ChannelReturn
    from reporting.views.metric_inputs import ScopeSums

MOST_ALARMS = 3
MOST_WAITING = 0.5
"""Share of the predicted revenue of the period's open leads from which MQLs without a contact are an alarm."""
PAIRS = (("sessions", "leads", 0), ("leads", "mql", 0))
"""Leading series, follower and median days between them; MQLs are counted by the day of submit."""


def page_alarms(
    junk: Sequence[Alarm],
    connection: Connection,
    sums: PageSums,
    make: FigureMaker,
    history: CohortHistory,
    hand_over: HandOverData,
) -> tuple[Alarm, ...]:
    """Return at most three alarms, those with most money first.

    Parameters
    ----------
    junk
        Alarms of junk that have not ended.
    connection
        Connection to the store.
    sums
        Sums of the page.
    make
        Maker of figures.
    history
        Sums of past months, for the error of past predictions and the open leads of all days.
    hand_over
        Leads that wait for sales.
    """
    tau = history.tau
    chosen = [alarm for alarm in junk if not sums.filters.channel or alarm.href is None or _is_in(alarm, sums)]
    alarms = [
        *chosen,
        *_cheap(sums, make, tau),
        *_diverging(connection, sums, make),
        *_waiting(sums, hand_over, make),
    ]
    alarms.sort(key=lambda alarm: (alarm.level is not Level.ALARM, -_money(alarm)))
    return tuple(alarms[:MOST_ALARMS])


def _is_in(alarm: Alarm, sums: PageSums) -> bool:
    return alarm.headline.values.get("channel") in sums.filters.channel


def _money(alarm: Alarm) -> float:
    figure = alarm.figure
    return figure.quantity.value if figure is not None and figure.quantity is not None else 0.0


def _cheap(sums: PageSums, make: FigureMaker, tau: float) -> list[Alarm]:
    """Return channels whose leads are cheap and whose return is poor, with the money moved to them wrongly."""
    alarms = []
    for name, (other, better, worse) in poor_channels(sums, tau).items():
        costs = [sums.channels[channel].value("genuine_cpl") or 0.0 for channel in (name, other)]
        values: dict[str, Quantity | Message | str] = {
            "value": _shown_return(worse),
            "other_value": _shown_return(better),
            "other": other,
        }
        detail = Message("each unit of spend returns {value}, in {other} {other_value}: cut here first", values)
        if make.reader.money and make.reader.costs:
            values |= {"cost": make.money(costs[0]), "other_cost": make.money(costs[1]), "unit": make.money(1.0)}
            detail = Message(
                "a genuine lead costs {cost}, in {other} {other_cost}; each {unit} of spend returns {value}, "
                "in {other} {other_value}: cut here first",
                values,
            )
        alarms.append(
            Alarm(
                "cheap",
                Level.WARNING,
                Message("Cheap leads, poor return: {channel}", {"channel": name}),
                detail,
                _moved(name, other, better.per_unit, worse.per_unit, sums, make),
                make.page_href(channel=(name,)),
            )
        )
    return alarms


def _moved(name: str, other: str, better: float, worse: float, sums: PageSums, make: FigureMaker) -> Figure | None:
    """Return the revenue that spend moved to the worse channel brings less; None without money or such spend."""
    if not make.reader.money or not make.reader.costs:
        return None
    spend = [_spend(parts.get(channel)) for parts in (sums.channels, sums.channels_before) for channel in (name, other)]
    lost = money_moved_wrongly(shifted_spend(*spend), better, worse)
    if lost <= 0:
        return None
    filters = sums.filters.with_(channel=(name,))
    title = Message("of revenue missed, because a larger share of spend went there than in the comparison period")
    return Figure("moved_wrongly", title, make.money(lost), href=make.href("moved_wrongly", filters))


def _shown_return(value: ChannelReturn) -> Quantity | Message:
    """Return the return of a channel as its row shows it: with few wins its interval, not a number."""
    bounds = value.interval()
    if value.wins >= FEWEST_WINS or bounds is None:
        return Quantity(value.per_unit, Unit.RATIO)
    low, high = (Quantity(bound, Unit.RATIO) for bound in bounds)
    return Message("{low} to {high}", {"low": low, "high": high})


def _spend(part: ScopeSums | None) -> float:
    return (part.cost_micros or 0) / MILLION if part is not None else 0.0


def _waiting(sums: PageSums, hand_over: HandOverData, make: FigureMaker) -> list[Alarm]:
    """Return whether sales leaves alone the MQLs that hold most of the predicted revenue of the period's open leads.

    The leads of earlier periods would hide it: those that sales has worked on hold the most value among them.
    """
    open_micros = sums.total.leads.get("open_value_micros", 0)
    if not hand_over.has_contacts or open_micros <= 0:
        return []
    share = min(hand_over.of_period_micros / open_micros, 1.0)
    if share < MOST_WAITING:
        return []
    values = {"count": Quantity(hand_over.untouched), "share": Quantity(share, Unit.SHARE)}
    figure = None
    if make.reader.money:
        title = Message("predicted revenue of the MQLs that wait")
        amount = make.money(hand_over.untouched_micros / MILLION)
        figure = Figure("untouched_value", title, amount, href=make.href("untouched_value"))
    return [
        Alarm(
            "waiting",
            Level.WARNING,
            Message("Good leads go cold: sales has not contacted them"),
            Message(
                "{count} {count|MQL|MQLs} without a contact; of what the open leads of this period are worth, "
                "{share} waits",
                values,
            ),
            figure,
            make.href("untouched_mql"),
        )
    ]


def _diverging(connection: Connection, sums: PageSums, make: FigureMaker) -> list[Alarm]:
    """Return pairs of daily series of which the leading one rises while its follower falls."""
    last = min(sums.days.last, sums.today - timedelta(days=1))
    first = last - timedelta(days=BASE_DAYS + WATCH_DAYS - 1)
    counts = report_queries.daily_counts(connection, sums.filters.scope, first, last)
    days = [counts.get((first + timedelta(days=number)).isoformat(), {}) for number in range((last - first).days + 1)]
    series = {name: np.array([float(day.get(name, 0)) for day in days]) for name in ("sessions", "leads", "mql")}
    alarms = []
    for leading, follower, delay in PAIRS:
        found = find_divergence(series[leading], series[follower], delay)
        if found is None:
            continue
        step = broken_step(leading, follower, {}, {})
        values: dict[str, Quantity | Message | str | date | datetime] = {
            "leading": METRICS[leading].title,
            "follower": METRICS[follower].title,
            "rise": Quantity(found.leading_change, Unit.CHANGE),
            "fall": Quantity(found.follower_change, Unit.CHANGE),
            "day": first + timedelta(days=found.start),
        }
        alarms.append(
            Alarm(
                "divergence",
                Level.WARNING,
                Message("The funnel breaks between two steps: {step}", {"step": STEP_NAMES[step]}),
                Message("{leading} {rise}, {follower} {fall}, since {day}", values),
                None,
                make.href("leads"),
            )
        )
    return alarms
